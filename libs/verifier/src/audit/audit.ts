// The audit of one ledger: takes messages in ledger order and reports at the end. No signature is checked here; that was done on
// the way.
import type { RegistryState } from '@writ/domain';
import type { Prepared } from '../frames/prepare.js';
import type { Judged } from '../message.js';
import { mostVersions } from '../partial/scope.js';
import type { Keys } from '../record/keys.js';
import type { SuspectsLeft } from '../record/suspects.js';
import type { Found } from '../report/findings.js';
import type { Report } from '../report/report.js';
import { type Ending, writeReport } from '../report/write-report.js';
import { type Audit, type AuditOptions, createAudit } from './audit-state.js';
import { takeMessage } from './take-message.js';

/** In a part, what is not here may have gone on past a suspect; not past a version that the ledger cannot have reached. */
const mayBePassed = (
  { options: { part }, bridged, tally, position }: Audit,
  { subject, ver }: SuspectsLeft,
): boolean => {
  if (part === undefined || part.whole(subject)) return false;
  const missing = Math.max(0, (part.size ?? position.seq) - tally.messages);
  return ver === undefined || ver <= mostVersions(part, bridged, subject, missing);
};

const reportSuspects = (audit: Audit): void => {
  for (const left of audit.suspects.left()) {
    const { subject, first, count } = left;
    const { seq, code } = first;
    const more = count === 1 ? '' : `; ${count} messages there count for nothing`;
    const verdict = mayBePassed(audit, left) ? 'UNDETERMINED' : 'INVALID';
    audit.findings.add({ seq, subject, id: '', code, verdict, reason: `${first.reason}${more}` });
  }
};

const reportBeginning = ({ options, view, tally, findings }: Audit): void => {
  const at = { seq: 0, subject: `gov.ledger.registry.${options.org}`, id: '' } as const;
  if (!options.complete || options.part?.softens === true) {
    const reason =
      options.part === undefined
        ? 'keys, counters and states from before its first message are not known'
        : 'what is not shown here is not known';
    findings.add({ ...at, code: 'WRIT-VER-109', verdict: 'UNDETERMINED', reason });
  }
  if (!options.complete) return;
  if (tally.messages > 0 && view.registry.now().org === null) {
    const reason = `no pinned root key has founded ${options.org} here`;
    findings.add({ ...at, code: 'WRIT-VER-106', verdict: 'INVALID', reason });
  }
};

/** One audit. */
export type RunningAudit = {
  /** A live view of the keys certified so far. */
  readonly keys: Keys;
  /** The next message, in ledger order, with its signatures verified. Gives the event that it is, when it is an effective one. */
  take(prepared: Prepared): Judged | undefined;
  /** The registry as folded so far. */
  registry(): RegistryState;
  /** How many messages so far count for nothing. */
  junk(): number;
  /** Something found outside of the messages themselves. */
  add(found: Found): void;
  finish(ending: Ending): Report;
};

/** Begins an audit before the first message. */
export const beginAudit = (options: AuditOptions): RunningAudit => {
  const audit = createAudit(options);
  return {
    keys: audit.keys,
    take: (prepared) => takeMessage(audit, prepared),
    registry: () => audit.view.registry.now(),
    junk: () => [...audit.tally.junk.values()].reduce((sum, count) => sum + count, 0),
    add: (found) => audit.findings.add(found),
    finish: (ending) => {
      reportSuspects(audit);
      reportBeginning(audit);
      for (const found of ending.sealed?.findings ?? []) audit.findings.add(found);
      const { chains, tally, position } = audit;
      return writeReport({
        ...options,
        ...ending,
        chains,
        tally,
        position,
        settled: audit.findings.settle(),
      });
    },
  };
};
