// Owned services against invariant 11: signed commands used twice, late, or against another version.
import type { Draft } from '@writ/domain';
import { test } from 'vitest';
import { altered, expectViolation } from './story/forging.js';
import { AGENT, ENV } from './story/ledger.js';
import { change, command, gate, registryDraft } from './story/organisation.js';
import { contain, containOrder } from './story/people.js';
import { founded } from './story/story.js';
import { verify } from './story/verifying.js';

test('invariant 11: a signed command replayed after it was undone is a violation', async () => {
  const ledger = founded();
  const grant = { role: 'operator', scope: ENV } as const;
  const signed = command(ledger, 'olga', 'registry', { do: 'grant-role', person: 'lee', grant });
  const draft = registryDraft(ledger, signed, { kind: 'person', person: 'olga' });
  ledger.write(draft);
  change(ledger, { do: 'revoke-role', person: 'lee', grant }, 'olga');
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-191');
});

test('invariant 11: a containment command replayed by an owned detector is a violation', async () => {
  const ledger = founded();
  const lowered = containOrder(ledger, 'none');
  contain(ledger, 'isolate');
  const lower = (from: string): Draft => ({
    ...{ id: `${ledger.nextId()}.conduct.0`, type: 'writ.conduct.containment-changed.v1', agent: AGENT },
    ...{ causationid: 'x', correlationid: 'x' },
    data: { agent: AGENT, from, to: 'none', cause: 'command', command: lowered.frame, codes: [] },
  });
  ledger.write(lower('isolate'));
  contain(ledger, 'isolate');
  ledger.write(lower('isolate'));
  expectViolation(await verify(ledger), 'WRIT-VER-191');
});

test('invariant 11: a command carried out after it had expired is a violation', async () => {
  const ledger = founded();
  const action = { do: 'create-project', project: 'late' } as const;
  const signed = command(ledger, 'olga', 'registry', action, { seconds: 30 });
  const draft = registryDraft(ledger, signed, { kind: 'person', person: 'olga' });
  ledger.pass(60);
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-192');
});

test('invariant 11: a command carried out against another version than it was made for is a violation', async () => {
  const ledger = founded();
  const looser = { ...gate, spec: { ...gate.spec, quorum: 1 } };
  const signed = command(ledger, 'olga', 'registry', { do: 'publish-gate', gate: looser });
  const draft = registryDraft(ledger, signed, { kind: 'person', person: 'olga' });
  const stricter = { ...gate, spec: { ...gate.spec, deadlineSeconds: 60 } };
  change(ledger, { do: 'publish-gate', gate: stricter }, 'olga');
  ledger.write(draft);
  expectViolation(await verify(ledger), 'WRIT-VER-193');
});

test('invariant 11: a command of somebody who may not give it is a violation', async () => {
  const ledger = founded();
  const action = { do: 'create-project', project: 'mine' } as const;
  const honest = registryDraft(ledger, command(ledger, 'olga', 'registry', action), {
    kind: 'person',
    person: 'olga',
  });
  const signed = command(ledger, 'lee', 'registry', action);
  ledger.write({
    ...altered(honest, () => ({ command: signed.frame })),
    id: `${signed.document.id}.registry.0`,
  });
  expectViolation(await verify(ledger), 'WRIT-VER-194');
});
