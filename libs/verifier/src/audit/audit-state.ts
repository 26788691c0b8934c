// What one audit keeps while it reads: the folded view, chains, suspects, findings, counts. Judges nothing.
import { Families, type Family, type PublicKeyEntry, type Token } from '@writ/contracts';
import type { Chain, Distrust } from '@writ/domain';
import { createView, type View } from '../folded/view.js';
import { type Bridged, createBridged, type Part } from '../partial/scope.js';
import { createKeys, type Keys } from '../record/keys.js';
import { beforeFirst, type Position } from '../record/position.js';
import { createSuspects, type Suspects } from '../record/suspects.js';
import { createFindings, type Findings } from '../report/findings.js';
import type { Tally } from '../report/write-report.js';

/**
 * The organisation, its pinned root keys and how many of them must have agreed, whether the messages begin at sequence 1, and which part of
 * the ledger they are when they have gaps.
 */
export type AuditOptions = {
  readonly org: Token;
  readonly roots: readonly PublicKeyEntry[];
  readonly threshold?: number | undefined;
  readonly complete: boolean;
  readonly part?: Part | undefined;
  /** What the registry distrusts anywhere (`distrustIn`), so that it is known from the beginning. */
  readonly distrust?: Distrust | undefined;
};

export type Audit = {
  readonly options: AuditOptions;
  readonly view: View;
  readonly keys: Keys;
  readonly chains: Map<string, Chain>;
  readonly suspects: Suspects;
  readonly findings: Findings;
  readonly tally: Tally;
  readonly bridged: Bridged;
  position: Position;
};

const emptyTally = (): Tally => ({
  messages: 0,
  events: 0,
  junk: new Map(),
  void: 0,
  byFamily: Object.fromEntries(Families.map((family) => [family, 0])) as { [F in Family]: number },
  decisions: 0,
  receipts: 0,
  halts: 0,
});

/** Before the first message. */
export const createAudit = (options: AuditOptions): Audit => {
  const view = createView(options.org);
  return {
    options,
    view,
    keys: createKeys(options, () => view.registry.now(), options.distrust),
    chains: new Map(),
    suspects: createSuspects(),
    findings: createFindings(),
    tally: emptyTally(),
    bridged: createBridged(),
    position: beforeFirst,
  };
};
