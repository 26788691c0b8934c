// What the tests of erasure share: orders, holds, actions about customers, and a look into vault and registry.
import { readFileSync } from 'node:fs';
import type { LiveDocumentOf } from '@writ/contracts';
import { commit } from '@writ/crypto';
import { evolveRegistry, type RegistryState, registryInitial } from '@writ/domain';
import { eraserFileBeside, withClient } from '@writ/runtime';
import { expect } from 'vitest';
import type { Answer } from './answer.js';
import { openedVault, tellPrivately } from './private.js';
import { Event, OPS, READ, useShop } from './shop.js';

/** This month. */
export const MONTH = new Date().toISOString().slice(0, 7);
export const ERASED = 'writ.registry.erased.v1';
export const ORDERED = 'writ.registry.erasure-ordered.v1';

export type Action = LiveDocumentOf<'command'>['data']['action'];
type Target = Extract<Action, { do: 'erase' }>['target'];
type Held = Extract<Action, { do: 'place-hold' }>['target'];

/** A data subject as a command carries it, and the disclosure beside it. */
export const subjectOf = (identifier: string) => {
  const { committed, disclosures } = commit({ subject: identifier });
  return { target: { kind: 'subject' as const, subject: committed }, words: disclosures };
};

/** A shop with an auditor, and everything that its tests do with private values. Call it at the top of a test file. */
export const useErasure = () => {
  const shop = useShop({
    people: {
      eve: { grants: [{ role: 'auditor', scope: 'acme' }] },
      ...{ bob: {}, carol: {}, dave: {}, oncall: { haltScopes: ['acme.shop'] } },
    },
  });
  const tell = (action: Action, words: readonly string[] = [], who = shop().alice, id?: string) =>
    tellPrivately(who, 'registry', action, words, id);
  const erase = (target: Target, words: readonly string[] = [], id?: string): Promise<Answer> => {
    const { committed, disclosures } = commit({ reason: 'a reason that is kept' });
    return tell({ do: 'erase', target, reason: committed }, [...words, ...disclosures], shop().alice, id);
  };
  const hold = async (target: Held, words: readonly string[] = []): Promise<string> => {
    const eve = await shop().plane.person('eve');
    const { first } = await tell({ do: 'place-hold', target, reason: { _sd: [] } }, words, eve);
    expect(first.type).toBe('writ.registry.legal-hold-placed.v1');
    return first.id;
  };
  const lift = async (id: string): Promise<void> => {
    const { first } = await tell({ do: 'lift-hold', hold: id, reason: { _sd: [] } });
    expect(first.type).toBe('writ.registry.legal-hold-lifted.v1');
  };
  const month = { kind: 'agent-month', agent: OPS, month: MONTH } as const;

  /** An action about a customer, with a text of its own that the boundary does not declare clear. */
  const act = async (customer: string, text: string): Promise<string> => {
    const made = await shop().ops.decide({ ...READ, args: { rows: 3, customer, text } });
    expect(made.answer.first.type).toBe(Event.permitted);
    return made.id;
  };
  const kept = async (text: string): Promise<boolean> =>
    [...(await openedVault(shop().plane)).values()].some((held) => held.includes(text));
  const admin = (sql: string, values: unknown[] = []) =>
    withClient(shop().plane.databaseUrl, (client) => client.query(sql, values));
  const typesOf = ({ documents }: Answer) => documents.map(({ type }) => type);
  const registryNow = async (): Promise<RegistryState> =>
    (await shop().plane.ledger.all())
      .filter(({ subject }) => subject === 'gov.ledger.registry.acme')
      .reduce(
        (state, { seq, subject, time, document }) =>
          evolveRegistry(state, { seq, subject, time, digest: '', document: document as never }),
        registryInitial,
      );
  const openOrders = async () =>
    [...(await registryNow()).erasures.values()].filter((order) => order.done === undefined);
  const withoutRights = async (work: () => Promise<void>): Promise<void> => {
    await admin('revoke delete on vault.entry from writ_vault_eraser');
    await work();
    await admin('grant delete on vault.entry to writ_vault_eraser');
  };

  const eraserUrl = async (): Promise<string> => {
    const { plane } = shop();
    const file = readFileSync(eraserFileBeside(plane.paths.vaultCredentialsFile), 'utf8');
    const url = new URL(plane.databaseUrl);
    url.username = 'writ_vault_eraser';
    url.password = (JSON.parse(file) as { eraser: string }).eraser;
    return url.toString();
  };

  return {
    shop,
    tell,
    erase,
    hold,
    lift,
    month,
    act,
    kept,
    admin,
    typesOf,
    registryNow,
    openOrders,
    withoutRights,
    eraserUrl,
  };
};
