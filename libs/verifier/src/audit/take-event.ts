// One effective event: counted, judged against the ledger before it, reported, then folded.
import { fold, worstOf } from '../folded/fold.js';
import type { Flaw } from '../invariants/flaw.js';
import { judge } from '../judge.js';
import type { Judged } from '../message.js';
import type { Tally } from '../report/write-report.js';
import type { Audit } from './audit-state.js';

const countEvent = (tally: Tally, { document, family }: Judged): void => {
  tally.events += 1;
  tally.byFamily[family] += 1;
  if (document.type.startsWith('writ.decision.') && 'intentDigest' in document.data) tally.decisions += 1;
  if (document.type === 'writ.authority.receipt-issued.v1') tally.receipts += 1;
  if (document.type === 'writ.authority.halt-engaged.v1') tally.halts += 1;
};

const report = (audit: Audit, event: Judged, flaws: readonly Flaw[]): void => {
  const { seq, subject, document } = event;
  for (const { code, reason, undetermined } of flaws) {
    const verdict = undetermined === true ? 'UNDETERMINED' : 'VIOLATION';
    audit.findings.add({ seq, subject, id: document.id, code, reason, verdict });
  }
  if (document.type !== 'writ.authority.receipt-issued.v1') return;
  const { intentId } = document.data;
  const worst = worstOf(flaws, audit.view.actions.of(intentId).taint);
  audit.findings.receipt({ seq, subject, id: document.id, intentId, worst });
};

const NOT_JUDGED: Flaw = { code: 'WRIT-VER-109', reason: 'what it rests on is not here', undetermined: true };

/** A receipt that is not judged is not within anything. */
const unjudged = ({ document }: Judged): readonly Flaw[] =>
  document.type === 'writ.authority.receipt-issued.v1' ? [NOT_JUDGED] : [];

const flawsOf = ({ options, view }: Audit, event: Judged): readonly Flaw[] => {
  const { part, complete } = options;
  if (part !== undefined && !part.judges(event.family)) return unjudged(event);
  const found = judge(view, event);
  const shown = found.filter(({ code }) => part?.beyond?.(code, event.document.type) !== true);
  // What came before is not known: nothing can be held against anybody for sure.
  return complete && part?.softens !== true
    ? shown
    : shown.map((flaw): Flaw => ({ ...flaw, undetermined: true }));
};

/** Takes one effective event. */
export const takeEvent = (audit: Audit, event: Judged): void => {
  countEvent(audit.tally, event);
  const flaws = flawsOf(audit, event);
  report(audit, event, flaws);
  fold(audit.view, event, flaws);
};
