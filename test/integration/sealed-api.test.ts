// The proofs that the API gives, as an outsider checks them, and who may publish a checkpoint.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  leafHash,
  readCheckpoint,
  readHash,
  readNote,
  sameHash,
  verifyConsistency,
  verifyInclusion,
} from '@writ/crypto';
import { createApi } from '@writ/service-read-model';
import { afterEach, describe, expect, it } from 'vitest';
import { allOf, naiveRoots } from '../../services/sealer/test/ground.js';
import { framed, standing } from '../../services/sealer/test/standing.js';

const { ground, begin } = standing();
const others: Server[] = [];
afterEach(() => {
  for (const server of others.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const founded = () => ground().genesis();

it('nobody else can publish a checkpoint, and the sealer can publish nothing else', async () => {
  await founded();
  const tries = [
    ['registry', 'gov.checkpoint.acme'],
    ['kill-switch', 'gov.checkpoint.acme'],
    ['sealer', 'gov.checkpoint.other'],
    ['sealer', ground().registrySubject],
    ['sealer', 'gov.halt.sealer.acme'],
    ['sealer', '_INBOX.registry.x'],
  ] as const;
  for (const [who, subject] of tries) {
    const bus = await ground().as(who);
    const violations = (async () => {
      for await (const { type } of bus.status()) if (type === 'error') return type;
      return undefined;
    })();
    bus.publish(subject, 'x');
    await bus.flush();
    expect([who, subject, await violations]).toEqual([who, subject, 'error']);
    await bus.close();
  }
  expect(await ground().published()).toEqual([]);
  expect(await ground().ledger().end()).toBe(1);
});

describe('the API', () => {
  const ask = async () => {
    const api = createApi({
      reader: {} as never,
      seals: ground().reader,
      now: Date.now,
      access: { kind: 'token', token: 'test-token-0123456789' },
    });
    const server = createServer((request, response) => void api(request, response));
    others.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return async (path: string) => {
      const headers = { authorization: 'Bearer test-token-0123456789' };
      const response = await fetch(`${base}${path}`, { headers });
      return { status: response.status, body: (await response.json()) as Record<string, never> };
    };
  };
  const hashes = (texts: readonly string[]) => texts.map((text) => readHash(text)!);

  it('gives checkpoints and proofs that an outsider can verify', async () => {
    await founded();
    const agent = 'acme.shop.prod.bot';
    const frame = (n: number) => framed(agent, n);
    await ground().append(ground().decisionSubject, [frame(1), 'junk', frame(2)]);
    const get = await ask();
    expect((await get('/v1/checkpoint')).status).toBe(404);
    await begin();
    await ground().sealedUpTo(4);
    await ground().append(ground().decisionSubject, ['more']);
    await ground().sealedUpTo(5);
    const { leaves } = naiveRoots(await allOf(ground().ledger()), 5);
    const { latest, witnessed } = (await get('/v1/checkpoint')).body as never as {
      latest: { note: string; size: number };
      witnessed: null;
    };
    const checkpoint = readCheckpoint(readNote(latest.note)!.text)!;
    expect([ground().verifies(latest.note, ground().key()), checkpoint.size, witnessed]).toEqual([
      true,
      5,
      null,
    ]);
    const included = await get('/v1/proof/inclusion?seq=2');
    const place = { leaf: leaves[1]!, index: 1, size: 5, root: checkpoint.root };
    expect(verifyInclusion(place, hashes(included.body['proof']!))).toBe(true);
    const grown = await get('/v1/proof/consistency?from=4');
    const before = { from: 4, fromRoot: naiveRoots(await allOf(ground().ledger()), 4).root };
    expect(
      verifyConsistency({ ...before, to: 5, toRoot: checkpoint.root }, hashes(grown.body['proof']!)),
    ).toBe(true);

    const headsRoot = readHash(checkpoint.extensions[0]!.slice('heads '.length))!;
    const there = (await get(`/v1/heads?agent=${agent}`)).body as never as Answer;
    expect(there.found?.leaf).toMatch(
      /^agent acme\.shop\.prod\.bot\ngov\.ledger\.decision\.acme\.shop\.prod 2 4 /,
    );
    expect(holds(there, there.found!, headsRoot)).toBe(true);
    const absent = (await get('/v1/heads?agent=acme.shop.prod.zz')).body as never as Answer;
    expect(absent.found).toBeNull();
    expect(holds(absent, absent.before!, headsRoot) && holds(absent, absent.after!, headsRoot)).toBe(true);
    expect(absent.after!.index - absent.before!.index).toBe(1);
  });

  it('has nothing beyond what is sealed, and takes no nonsense', async () => {
    await founded();
    await begin();
    await ground().sealedUpTo(1);
    const get = await ask();
    for (const path of [
      'inclusion?seq=2',
      'inclusion?seq=1&size=9',
      'consistency?from=2',
      'consistency?from=1&to=7',
    ])
      expect([path, (await get(`/v1/proof/${path}`)).status]).toEqual([path, 404]);
    for (const path of [
      'proof/inclusion',
      'proof/inclusion?seq=0',
      'proof/consistency?from=x',
      'heads?agent=*',
    ])
      expect([path, (await get(`/v1/${path}`)).status]).toEqual([path, 400]);
  });

  type Head = { readonly leaf: string; readonly index: number; readonly proof: readonly string[] };
  type Answer = { leaves: number; root: string; found: Head | null; before: Head | null; after: Head | null };
  const holds = ({ leaves, root }: Answer, head: Head, headsRoot: Uint8Array): boolean =>
    sameHash(readHash(root)!, headsRoot) &&
    verifyInclusion(
      { leaf: leafHash(head.leaf), index: head.index, size: leaves, root: headsRoot },
      hashes(head.proof),
    );
});
