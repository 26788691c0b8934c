// Distrust known from the beginning: what a compromised key signed is void, also what it certified, and no chain tears.
import type { LedgerDocument } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { admit, type Chain, emptyChain, nextPlace } from '../admission/index.js';
import { distrustOf, noDistrust, type RegistryMessage, rootedDirectory } from './registry.distrust.js';
import { evolveRegistry, evolveVoidRegistry } from './registry.evolve.js';
import { registryInitial } from './registry.state.js';

const SUBJECT = 'gov.ledger.registry.acme';
const ROOTS = [1, 2, 3].map((n) => ({ kid: `root-${n}`, x: `x-root-${n}` }));
const link = (prev: string, digest: string): string => `${prev.slice(-6)}>${digest}`;
const cert = (kid: string, role: string) => {
  const holder = role === 'registrar' ? 'registry' : role;
  return { kid, x: `x-${kid}`, role, holder, scope: 'acme', possession: {} };
};
const agrees = (kid: string) => ({ kid, good: true });
const rules = {
  link,
  accepts: () => 'known' as const,
  endorses: (endorsement: unknown) => (endorsement as { good: boolean }).good,
  open: (bytes: Uint8Array) => {
    const document: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return { document, digest: `d${bytes.length}` };
  },
};

/** A registry that is written as it is folded: every event takes the next place, whatever becomes of it. */
const writing = () => {
  const messages: RegistryMessage[] = [];
  let chain: Chain = emptyChain;
  return {
    messages,
    write: (kid: string, type: string, data: object, seq = messages.length + 1) => {
      const document = {
        ...{ specversion: '1.0', id: `c${seq}.registry.0`, type: `writ.registry.${type}.v1` },
        ...{ source: '/writ/registry', subject: SUBJECT, kid, seen: 0, causationid: `c${seq}`, data },
        ...nextPlace(chain, undefined),
      };
      const bytes = new TextEncoder().encode(JSON.stringify(document));
      messages.push({ seq, subject: SUBJECT, time: '', bytes });
      const digest = `d${bytes.length}`;
      chain = { ...chain, ver: chain.ver + 1, head: link(chain.head, digest) };
    },
  };
};

const founding = { org: 'acme', roots: ROOTS, threshold: 2, registrar: cert('reg-1', 'registrar') };
const found = (endorsements: readonly object[] = [agrees('root-2')]) => {
  const registry = writing();
  registry.write('root-1', 'organisation-founded', { ...founding, endorsements });
  return registry;
};
const pinned = { org: 'acme', roots: ROOTS, threshold: 2 };

const foldWith = (messages: readonly RegistryMessage[], distrust = noDistrust) => {
  let state = registryInitial;
  let chain = emptyChain;
  const keys = rootedDirectory(pinned, () => state, distrust);
  const verdicts = messages.map(({ seq, bytes }) => {
    const { document, digest } = rules.open(bytes);
    const verdict = admit(chain, { seq, subject: SUBJECT, document, digest }, { ...rules, keys });
    if (verdict.kind === 'junk') return verdict.code;
    chain = verdict.chain;
    const rec = { seq, subject: SUBJECT, time: '', digest, document: document as LedgerDocument };
    state = verdict.kind === 'void' ? evolveVoidRegistry(state, rec) : evolveRegistry(state, rec);
    return verdict.kind;
  });
  return { state, chain, verdicts };
};

/** The digest of the genesis, as `found` writes it. */
const genesisOf = (messages: readonly RegistryMessage[]): string => `d${messages[0]?.bytes.length}`;
const GENESIS = genesisOf(found().messages);

const appointment = (kid: string, over: object = {}) => ({
  org: 'acme',
  genesis: GENESIS,
  after: 'reg-1',
  registrar: cert(kid, 'registrar'),
  revokes: 'reg-1',
  from: null,
  reason: 'compromised',
  endorsements: [agrees('root-1'), agrees('root-3')],
  ...over,
});

describe('k of n roots', () => {
  it('founds with as many distinct roots as the genesis asks for, and not with fewer', () => {
    expect(foldWith(found().messages).verdicts).toEqual(['event']);
    const short = [
      [],
      [agrees('root-1')],
      [{ kid: 'root-2', good: false }],
      [agrees('reg-1'), agrees('nobody')],
    ];
    for (const endorsements of short) {
      expect(foldWith(found(endorsements).messages).verdicts).toEqual(['WRIT-ADM-011']);
    }
  });

  it('is not founded below the pinned threshold, whatever the genesis says of itself', () => {
    const registry = writing();
    registry.write('root-1', 'organisation-founded', { ...founding, threshold: 1 });
    expect(foldWith(registry.messages).verdicts).toEqual(['WRIT-ADM-011']);
  });

  it('is not founded with a threshold below the pinned one, though enough roots agree: one would command alone', () => {
    const registry = writing();
    registry.write('root-1', 'organisation-founded', {
      ...founding,
      threshold: 1,
      endorsements: [agrees('root-2')],
    });
    expect(foldWith(registry.messages).verdicts).toEqual(['WRIT-ADM-011']);
  });

  it('is not founded by a genesis that names a root which is not pinned', () => {
    const registry = writing();
    const roots = [...ROOTS, { kid: 'root-9', x: 'x-root-9' }];
    registry.write('root-1', 'organisation-founded', {
      ...founding,
      roots,
      endorsements: [agrees('root-2')],
    });
    expect(foldWith(registry.messages).verdicts).toEqual(['WRIT-ADM-010']);
  });
});

describe('a registrar appointed by the roots', () => {
  const appointed = (data: object, signer = 'reg-2') => {
    const registry = found();
    registry.write(signer, 'registrar-appointed', data);
    return foldWith(registry.messages);
  };

  it('counts from its appointment, which ends the one before', () => {
    const { verdicts, state } = appointed(appointment('reg-2'));
    expect(verdicts).toEqual(['event', 'event']);
    expect(state.keys.get('reg-2')).toMatchObject({ role: 'registrar', certifiedAt: 2 });
    expect(state.keys.get('reg-1')).toMatchObject({ revokedAt: 2 });
  });

  it.each([
    ['endorsed twice by the same root', { endorsements: [agrees('root-1'), agrees('root-1')] }],
    ['with a forged endorsement', { endorsements: [agrees('root-1'), { kid: 'root-2', good: false }] }],
    ['endorsed by who is no root', { endorsements: [agrees('root-1'), agrees('reg-1')] }],
  ])('is junk when %s', (_, over) => {
    expect(appointed(appointment('reg-2', over)).verdicts).toEqual(['event', 'WRIT-ADM-011']);
  });

  it('is junk when it is not signed by the appointed key, when that key counts already, or for another role', () => {
    expect(appointed(appointment('reg-2'), 'reg-1').verdicts[1]).toBe('WRIT-ADM-012');
    expect(appointed(appointment('reg-1'), 'reg-1').verdicts[1]).toBe('WRIT-ADM-012');
    const other = { registrar: { ...cert('reg-2', 'decision') } };
    expect(appointed(appointment('reg-2', other)).verdicts[1]).toBe('WRIT-ADM-012');
  });

  it.each([
    ['another ledger of the same roots', { genesis: 'd1' }],
    ['no ledger', { genesis: undefined }],
    ['another registrar than the one in office', { after: 'reg-0' }],
    ['whoever is in office', { after: undefined }],
  ])('is junk when it was endorsed for %s', (_, over) => {
    expect(appointed(appointment('reg-2', over)).verdicts[1]).toBe('WRIT-ADM-014');
  });

  it('is good for nothing once another was appointed', () => {
    const registry = found();
    registry.write('reg-2', 'registrar-appointed', appointment('reg-2'));
    registry.write('reg-3', 'registrar-appointed', appointment('reg-3', { revokes: null }));
    expect(foldWith(registry.messages).verdicts).toEqual(['event', 'event', 'WRIT-ADM-014']);
    const next = found();
    next.write('reg-2', 'registrar-appointed', appointment('reg-2'));
    next.write('reg-3', 'registrar-appointed', appointment('reg-3', { after: 'reg-2', revokes: 'reg-2' }));
    expect(foldWith(next.messages).verdicts).toEqual(['event', 'event', 'event']);
  });

  it('ends a registrar and nobody else', () => {
    const wrong = appointment('reg-2', { revokes: 'root-1' });
    expect(appointed(wrong).verdicts[1]).toBe('WRIT-ADM-012');
    expect(
      appointed(appointment('reg-2', { revokes: null })).state.keys.get('reg-1')?.revokedAt,
    ).toBeUndefined();
  });

  it('works once: the same appointment again is junk', () => {
    const registry = found();
    registry.write('reg-2', 'registrar-appointed', appointment('reg-2'));
    registry.write('reg-2', 'registrar-appointed', appointment('reg-2'));
    expect(foldWith(registry.messages).verdicts[2]).toBe('WRIT-ADM-012');
  });
});

describe('distrust backwards', () => {
  const compromised = () => {
    const registry = found();
    registry.write('reg-1', 'project-created', { project: 'shop' });
    registry.write('reg-1', 'key-certified', { key: cert('evil', 'decision') });
    registry.write('reg-1', 'project-created', { project: 'evil' });
    registry.write('reg-1', 'key-distrusted', { kid: 'dec', from: 1, reason: 'compromised' });
    registry.write('reg-2', 'registrar-appointed', appointment('reg-2', { from: 3 }));
    registry.write('reg-2', 'project-created', { project: 'again' });
    return registry.messages;
  };

  it('is known from the beginning in the second fold: void is what the key signed, and what it certified signed', () => {
    const messages = compromised();
    const distrust = distrustOf(pinned, messages, rules);
    expect([...distrust]).toEqual([['reg-1', 3]]);
    const second = foldWith(messages, distrust);
    expect(second.verdicts).toEqual(['event', 'event', 'void', 'void', 'void', 'event', 'event']);
    expect([...second.state.projects].sort()).toEqual(['acme.again', 'acme.shop']);
  });

  it('gives the same chain whether it was known from the beginning or not', () => {
    const messages = compromised();
    const live = foldWith(messages);
    expect(live.verdicts).toEqual(['event', 'event', 'event', 'event', 'event', 'event', 'event']);
    expect(foldWith(messages, distrustOf(pinned, messages, rules)).chain.head).toBe(live.chain.head);
  });

  it('is never what a registrar declares of a registrar or a root, nor is a retirement or a revocation', () => {
    const ends = ['key-distrusted', 'key-retired', 'key-revoked'];
    for (const [kid, end] of ['reg-2', 'reg-1', 'root-1'].flatMap((kid) =>
      ends.map((end) => [kid, end] as const),
    )) {
      const registry = found();
      registry.write('reg-2', 'registrar-appointed', appointment('reg-2', { revokes: null }));
      registry.write('reg-1', end, { kid, from: 1, reason: 'compromised' });
      expect(distrustOf(pinned, registry.messages, rules).size).toBe(0);
      expect(foldWith(registry.messages).verdicts).toEqual(['event', 'event', 'WRIT-ADM-012']);
    }
  });

  it('voids what a registrar signs after it was ended, and keeps its place', () => {
    const registry = found();
    registry.write('reg-2', 'registrar-appointed', appointment('reg-2'));
    registry.write('reg-1', 'project-created', { project: 'late' });
    registry.write('reg-2', 'project-created', { project: 'good' });
    const { verdicts, state } = foldWith(registry.messages);
    expect(verdicts).toEqual(['event', 'event', 'void', 'event']);
    expect([...state.projects]).toEqual(['acme.good']);
  });
});

describe('a registrar whose key is stolen', () => {
  it.each(['root', 'registrar'])(
    'certifies no %s: no event does, also not one that counts for another reason',
    (role) => {
      const carriers = ['key-certified', 'person-added', 'agent-registered', 'enforcement-point-registered'];
      for (const type of carriers) {
        const registry = found();
        const scope = { person: 'eve', grants: [], agent: 'acme.a.b.c', name: 'acme.a.b.c', owner: 'eve' };
        registry.write('reg-1', type, { ...scope, key: cert('evil', role) });
        const { verdicts, state } = foldWith(registry.messages);
        expect([type, ...verdicts]).toEqual([type, 'event', 'WRIT-ADM-013']);
        expect(state.keys.has('evil')).toBe(false);
      }
    },
  );

  it('certifies with a person, an agent or an enforcement point a key of that role alone', () => {
    const fits = {
      'person-added': 'person',
      'agent-registered': 'agent',
      'enforcement-point-registered': 'enforcement-point',
    };
    for (const [type, role] of Object.entries(fits)) {
      const verdictOf = (certified: string) => {
        const registry = found();
        registry.write('reg-1', type, { person: 'eve', grants: [], key: cert('key', certified) });
        return foldWith(registry.messages).verdicts[1];
      };
      expect([type, verdictOf(role), verdictOf('decision')]).toEqual([type, 'event', 'WRIT-ADM-013']);
    }
  });

  it('is not believed as a root, even where its events were taken for what they say', () => {
    const registry = found();
    registry.write(
      'reg-2',
      'registrar-appointed',
      appointment('reg-2', { endorsements: [agrees('fake-1'), agrees('fake-2')] }),
    );
    const keys = rootedDirectory(pinned, () => foldWith(found().messages).state);
    const fake = (kid: string) => ({ ...cert(kid, 'root'), role: 'root' as const, certifiedAt: 2 });
    const find = (kid: string) => (kid.startsWith('fake') ? fake(kid) : keys.find(kid));
    const { chain } = foldWith(found().messages);
    const { document, digest } = rules.open(registry.messages[1]?.bytes as Uint8Array);
    const verdict = admit(
      chain,
      { seq: 9, subject: SUBJECT, document, digest },
      { ...rules, keys: { ...keys, find } },
    );
    expect(verdict).toMatchObject({ kind: 'junk', code: 'WRIT-ADM-011' });
  });
});
