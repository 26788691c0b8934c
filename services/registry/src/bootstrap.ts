// The first start: the genesis that `writ init` had the root key sign, and the root's first commands, each carried out once.
import { existsSync, readFileSync } from 'node:fs';
import { liveDocuments, livePayloadType, subjects } from '@writ/contracts';
import { openFrame, readFrame } from '@writ/crypto';
import { type Plane, publicKeyOf } from '@writ/runtime';
import type { CarryOut } from './carry-out.js';

const WAIT_MS = 10_000;

const appendGenesis = async (plane: Plane, genesis: Uint8Array): Promise<void> => {
  const subject = subjects.ledger('registry', plane.org);
  const outcome = await plane.ledger.append({
    subject,
    expected: 0,
    messages: [{ id: 'genesis', bytes: genesis }],
  });
  if (outcome.kind === 'refused') throw new Error(`the genesis was refused: ${outcome.code}`);
  await plane.follower.reached(await plane.ledger.end(), WAIT_MS);
  if (plane.registry().org !== plane.org)
    throw new Error(
      'the genesis did not take effect: is the root pinned in org.json the one that signed it?',
    );
};

const rootCommand = (plane: Plane, bytes: Uint8Array) => {
  const roots = new Map(plane.roots.map((root) => [root.kid, publicKeyOf(root)]));
  const opened = openFrame(bytes, livePayloadType('command'), (kid) => roots.get(kid));
  const parsed = opened.ok ? liveDocuments.command.safeParse(opened.document) : undefined;
  if (!opened.ok || parsed?.success !== true)
    throw new Error('bootstrap.ndjson holds what no root key signed');
  const frame = { kid: opened.kid, sig: opened.sig, signed: opened.document as never };
  return { document: parsed.data, frame, digest: opened.digest };
};

/** Carries out bootstrap.ndjson: line 1 is the genesis, the others are the root's commands. Doing it again changes nothing. */
export const bootstrap = async (plane: Plane, file: string, carryOut: CarryOut): Promise<void> => {
  if (!existsSync(file)) return;
  const [genesis, ...commands] = readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Buffer.from(line));
  if (genesis === undefined || !readFrame(genesis).ok)
    throw new Error('bootstrap.ndjson does not begin with the genesis');
  if (plane.registry().org === null) await appendGenesis(plane, genesis);
  for (const bytes of commands) {
    const { document, frame, digest } = rootCommand(plane, bytes);
    const answer = await carryOut(document, frame, { kind: 'root', digest });
    if (answer?.kind === 'refused' && answer.code !== 'WRIT-REG-008') {
      plane.log.error({ event: 'bootstrap.refused', code: answer.code, id: document.id });
    }
  }
};
