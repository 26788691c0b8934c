// A missing disclosure is called erased only where a recorded erasure explains it.
import { commit, sha256 } from '@writ/crypto';
import type { ErasureOrder } from '@writ/domain';
import { describe, expect, it } from 'vitest';
import { disclosureStatuses, isErasedList } from './disclosed.js';

const ORDER = '01900000-0000-7000-8000-000000000001.registry.0';
const DONE = '01900000-0000-7000-8000-000000000001.registry.1';
const about = { agent: 'acme.shop.prod.bot', month: '2026-01', committedAt: 5 };
const over = (digests: readonly string[]) => ({
  count: digests.length,
  digest: sha256(
    [...digests]
      .sort()
      .map((digest) => `${digest}\n`)
      .join(''),
  ),
});
const order = (what: ErasureOrder['what'], disclosures = over([])): ErasureOrder => ({
  ...{ event: ORDER, seq: 10, what },
  done: { event: DONE, seq: 11, keys: 1, disclosures },
});
const erasures = (...orders: readonly ErasureOrder[]) => new Map(orders.map((one) => [one.event, one]));
const { committed, disclosures } = commit({ amount: 70, name: 'Ann' });
const [shown] = disclosures;
const kinds = (statuses: readonly { readonly kind: string }[]) => statuses.map(({ kind }) => kind).toSorted();

describe('a disclosure', () => {
  it('that is given is disclosed, whatever was erased; the one beside it is erased, at its position', () => {
    const given = order({ kind: 'agent-month', agent: about.agent, month: about.month });
    const statuses = disclosureStatuses(committed._sd, about, {
      disclosures: [shown as string, 'not a disclosure'],
      erasures: erasures(given),
    });
    expect(kinds(statuses)).toEqual(['disclosed', 'erased']);
    expect(statuses.find(({ kind }) => kind === 'erased')).toMatchObject({
      order: ORDER,
      event: DONE,
      seq: 11,
    });
  });

  it('is not available where nobody recorded an erasure of it', () => {
    const { done: _, ...open } = order({ kind: 'agent-month', agent: about.agent, month: about.month });
    const other = order({ kind: 'agent-month', agent: about.agent, month: '2026-02' });
    for (const one of [open, other])
      expect(
        kinds(disclosureStatuses(committed._sd, about, { disclosures: [], erasures: erasures(one) })),
      ).toEqual(['not-available', 'not-available']);
  });

  it("of a person's erasure is explained by the recorded list, and by no other list", () => {
    const done = order({ kind: 'subject', subject: sha256('x') }, over(committed._sd));
    const statuses = (digests: readonly string[]) =>
      kinds(
        disclosureStatuses(committed._sd, about, {
          disclosures: [],
          erasures: erasures(done),
          lists: [{ order: ORDER, digests }],
        }),
      );
    expect(statuses(committed._sd)).toEqual(['erased', 'erased']);
    expect(statuses(committed._sd.toReversed())).toEqual(['erased', 'erased']);
    expect(statuses(committed._sd.slice(1))).toEqual(['not-available', 'not-available']);
    expect(statuses([...committed._sd, sha256('more')])).toEqual(['not-available', 'not-available']);
    expect(isErasedList({ disclosures: over([]) }, [])).toBe(true);
  });
});
