// Junk that may be a trace of tampering: signed by, or naming, a writer of its subject, and not in its place. Harmless once the
// chain has gone on past it; whatever the chain never passes is a break.
import { covers, type LedgerSeq } from '@writ/contracts';
import {
  type Chain,
  type Envelope,
  isUnversionedType,
  type KeyRecord,
  keyStandingAt,
  readLedgerSubject,
  serviceOfRole,
} from '@writ/domain';
import type { VerifierCode } from '../codes.js';

/** `ver`: the version that it claims; without one, any later event of the subject clears it. `stays`: nothing that is here clears it. */
export type Suspect = {
  readonly seq: LedgerSeq;
  readonly code: VerifierCode;
  readonly ver: number | undefined;
  readonly stays?: boolean;
  readonly reason: string;
};

/** Whether this key may write something of this subject at this position. */
export const mayWriteHere = (key: KeyRecord | undefined, subject: string, seq: LedgerSeq): boolean => {
  const at = readLedgerSubject(subject);
  if (key === undefined || at === undefined || keyStandingAt(key, seq) !== 'valid') return false;
  const service = serviceOfRole(key.role);
  if (service === undefined || !covers(key.scope, at.scope)) return false;
  if (at.family === 'outcome') return service === 'receipt-ledger';
  if (at.family === 'authority') return service === 'receipt-ledger' || service === 'kill-switch';
  if (at.family === 'conduct') return service === 'anomaly-detector';
  return service === (at.family === 'stop' ? 'kill-switch' : at.family);
};

const misplaced = (event: Envelope, chain: Chain): string | undefined => {
  const next = chain.ver + 1;
  if (isUnversionedType(event.type) || event.ver === undefined || event.ver < next) return undefined;
  if (event.ver > next) return `version ${event.ver} where ${next} is next`;
  if (event.prev !== chain.head) return `version ${event.ver} is not linked to the one before it`;
  return `version ${event.ver} is not the next of its agent's chain`;
};

const CHAIN_CODES: ReadonlySet<string> = new Set(['WRIT-ADM-003', 'WRIT-ADM-004', 'WRIT-ADM-005']);

/** Whether admission called it junk for its place in the chain alone. */
export const isMisplaced = (code: string): boolean => CHAIN_CODES.has(code);

/** The suspect that a verified event is, which admission called junk with `code`. */
export const suspectEvent = (
  event: Envelope,
  chain: Chain,
  { seq, code, subject }: { readonly seq: LedgerSeq; readonly code: string; readonly subject: string },
): Suspect | undefined => {
  if (code === 'WRIT-ADM-007') {
    const reason = `it has seen ${event.seen} and stands at ${seq}`;
    return { seq, code: 'WRIT-VER-107', ver: event.ver, reason };
  }
  if (!CHAIN_CODES.has(code)) return undefined;
  const outside = event.agent !== undefined && !covers(readLedgerSubject(subject)?.scope ?? '', event.agent);
  const reason = outside ? undefined : misplaced(event, chain);
  return reason === undefined ? undefined : { seq, code: 'WRIT-VER-104', ver: event.ver, reason };
};

/** The suspect that a broken frame is: it names a writer of this subject. */
export const suspectFrame = (seq: LedgerSeq): Suspect => ({
  seq,
  code: 'WRIT-VER-105',
  ver: undefined,
  reason: 'it does not verify, and nothing signed follows here that says it never counted',
});

/** At most this many are kept per subject. */
const KEEP = 64;

/** The suspects of one ledger, by subject. */
export type Suspects = {
  add(subject: string, suspect: Suspect): void;
  /**
   * A versioned event was admitted: what claimed its version or an earlier one has never counted. `gap`: over messages that are not here;
   * what names no version may then have been among them.
   */
  passed(subject: string, ver: number, gap?: boolean): void;
  /** What is left: the subject and its first suspect, and how many messages there count for nothing. */
  left(): readonly SuspectsLeft[];
};

/** `ver`: the highest version that one of them claims. */
export type SuspectsLeft = {
  readonly subject: string;
  readonly first: Suspect;
  readonly ver: number | undefined;
  readonly count: number;
};

const clearedBy =
  (ver: number, gap: boolean) =>
  (suspect: Suspect): readonly Suspect[] => {
    if (suspect.stays === true) return [suspect];
    if (suspect.ver === undefined) return gap ? [{ ...suspect, stays: true }] : [];
    return suspect.ver > ver ? [suspect] : [];
  };

const highest = (list: readonly Suspect[]): number | undefined =>
  list.reduce<number | undefined>(
    (most, { ver }) => (ver === undefined ? most : Math.max(most ?? ver, ver)),
    undefined,
  );

/** Creates an empty set of suspects. */
export const createSuspects = (): Suspects => {
  const held = new Map<string, { list: Suspect[]; more: number }>();
  return {
    add: (subject, suspect) => {
      const of = held.get(subject) ?? { list: [], more: 0 };
      held.set(subject, of);
      if (of.list.length < KEEP) of.list.push(suspect);
      else of.more += 1;
    },
    passed: (subject, ver, gap = false) => {
      const of = held.get(subject);
      if (of === undefined) return;
      of.list = of.list.flatMap(clearedBy(ver, gap));
      if (of.list.length === 0) held.delete(subject);
    },
    left: () =>
      [...held].map(([subject, { list, more }]) => ({
        subject,
        first: list[0] as Suspect,
        ver: highest(list),
        count: list.length + more,
      })),
  };
};
