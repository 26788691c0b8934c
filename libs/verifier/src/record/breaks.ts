// Where the record does not hold, and what authority findings rest on it. What rests on a broken record accuses nobody.
import type { LedgerSeq, Scope } from '@writ/contracts';
import { readLedgerSubject } from '@writ/domain';
import type { Finding } from '../report/report.js';

/** From `seq` on nothing of the scope is sound: an environment, an organisation, or everything. */
export type Break = { readonly seq: LedgerSeq; readonly scope: Scope | 'all' };

/** The break that a finding about the record makes. Times that run back break nothing else. */
export const breakOf = ({ code, seq, subject }: Finding): Break | undefined => {
  if (code === 'WRIT-VER-103') return undefined;
  const scope = readLedgerSubject(subject)?.scope;
  const whole =
    code.startsWith('WRIT-VER-2') ||
    code === 'WRIT-VER-101' ||
    code === 'WRIT-VER-102' ||
    code === 'WRIT-VER-106';
  return { seq, scope: whole || scope === undefined ? 'all' : scope };
};

const restsOn = ({ seq, subject }: Pick<Finding, 'seq' | 'subject'>, broken: Break): boolean => {
  if (seq < broken.seq) return false;
  const scope = readLedgerSubject(subject)?.scope;
  if (broken.scope === 'all' || scope === undefined) return true;
  // A registry break reaches every environment of the organisation.
  return scope === broken.scope || scope.startsWith(`${broken.scope}.`);
};

/** The first break that something at this place rests on. */
export const breakUnder = (
  at: Pick<Finding, 'seq' | 'subject'>,
  breaks: readonly Break[],
): Break | undefined => breaks.find((broken) => restsOn(at, broken));
