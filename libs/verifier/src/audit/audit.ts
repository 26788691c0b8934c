// The audit of one ledger: takes messages in ledger order and reports at the end. No signature is checked here; that was done on
// the way.
import type { RegistryState } from '@writ/domain';
import type { Prepared } from '../frames/prepare.js';
import type { Judged } from '../message.js';
import type { Keys } from '../record/keys.js';
import type { Found } from '../report/findings.js';
import type { Report } from '../report/report.js';
import { type Ending, writeReport } from '../report/write-report.js';
import { type Audit, type AuditOptions, createAudit } from './audit-state.js';
import { takeMessage } from './take-message.js';

const reportSuspects = ({ suspects, findings }: Audit): void => {
  for (const { subject, first, count } of suspects.left()) {
    const { seq, code } = first;
    const more = count === 1 ? '' : `; ${count} messages there count for nothing`;
    findings.add({ seq, subject, id: '', code, verdict: 'INVALID', reason: `${first.reason}${more}` });
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
    add: (found) => audit.findings.add(found),
    finish: (ending) => {
      if (options.part === undefined) reportSuspects(audit);
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
