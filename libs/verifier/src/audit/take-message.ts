// One message in its place: position, then junk, void or an event of its chain (admission is that of @writ/domain).
import type { LedgerDocument } from '@writ/contracts';
import { endorses, link } from '@writ/crypto';
import {
  type Accepts,
  type Admission,
  admit,
  type Chain,
  type Envelope,
  emptyChain,
  evolveVoidRegistry,
  readEnvelope,
  readLedgerSubject,
} from '@writ/domain';
import { forget } from '../folded/fold.js';
import type { Prepared } from '../frames/prepare.js';
import type { Judged } from '../message.js';
import { bridge, passGap } from '../partial/scope.js';
import { advance } from '../record/position.js';
import { isMisplaced, mayWriteHere, suspectEvent, suspectFrame } from '../record/suspects.js';
import type { Audit } from './audit-state.js';
import { takeEvent } from './take-event.js';

const SWEEP_EVERY = 1_024;

const takePosition = (audit: Audit, { message }: Prepared): void => {
  const { complete, part } = audit.options;
  const from = part !== undefined ? 'gaps' : complete ? 'one' : 'anywhere';
  const { position, faults } = advance(audit.position, message, from);
  audit.position = position;
  const { seq, subject } = message;
  for (const fault of faults) audit.findings.add({ ...fault, seq, subject, id: '', verdict: 'INVALID' });
};

const countJunk = (audit: Audit, code: string): void => {
  audit.tally.junk.set(code, (audit.tally.junk.get(code) ?? 0) + 1);
};

const BROKEN: ReadonlySet<string> = new Set(['WRIT-FRM-001', 'WRIT-FRM-003']);

/** A frame that is broken: junk; a suspect when it names a writer of its subject. */
const takeUnopened = (
  audit: Audit,
  { message, opened }: Prepared & { readonly opened: { ok: false } },
): void => {
  const { seq, subject } = message;
  countJunk(audit, opened.code);
  if (!BROKEN.has(opened.code) || opened.kid === undefined) return;
  if (mayWriteHere(audit.keys.find(opened.kid), subject, seq)) audit.suspects.add(subject, suspectFrame(seq));
};

type Rejected = Extract<Admission, { readonly kind: 'junk' }>;

const takeJunk = (audit: Audit, { message, opened }: Prepared, chain: Chain, { code }: Rejected): void => {
  countJunk(audit, code);
  const event = opened.ok ? readEnvelope(opened.document) : undefined;
  const { seq, subject } = message;
  if (event === undefined || !mayWriteHere(audit.keys.find(event.kid), subject, seq)) return;
  const suspect = suspectEvent(event, chain, { seq, code, subject });
  if (suspect !== undefined) audit.suspects.add(subject, suspect);
  if (opened.ok && isMisplaced(code)) tellRival(audit, { seq, subject, digest: opened.digest });
};

/** After a gap there is nothing here that says which of two events in one place has counted. */
const tellRival = (
  { bridged, findings }: Audit,
  { seq, subject, digest }: { readonly seq: number; readonly subject: string; readonly digest: string },
): void => {
  const from = bridged.first.get(subject);
  if (from === undefined || bridged.admitted.has(digest) || bridged.told.has(subject)) return;
  bridged.told.add(subject);
  const reason = `message ${seq} claims a place that was taken over a gap; what follows on ${from} here may not be what counted`;
  findings.add({ seq: from, subject, id: '', code: 'WRIT-VER-108', verdict: 'UNDETERMINED', reason });
};

type Voided = Extract<Admission, { readonly kind: 'void' }>;

const takeVoid = (audit: Audit, { message }: Prepared, { id }: Envelope, admission: Voided): void => {
  audit.tally.void += 1;
  const unknown = admission.code === 'WRIT-ADM-008';
  const { seq, subject } = message;
  audit.findings.add({
    seq,
    subject,
    id,
    code: unknown ? 'WRIT-VER-168' : 'WRIT-VER-160',
    verdict: unknown ? 'UNDETERMINED' : 'VOID',
    reason: admission.reason,
  });
};

/** What a void event certifies is void and not unknown. */
const foldVoid = ({ view, position }: Audit, { message, opened, parsed }: Prepared): void => {
  if (!opened.ok || parsed?.kind !== 'known' || !parsed.document.type.startsWith('writ.registry.')) return;
  const { seq, subject, time } = message;
  const recorded = { seq, subject, time, digest: opened.digest, document: parsed.document };
  view.registry.set(seq, position.ms, evolveVoidRegistry(view.registry.now(), recorded));
};

const judgedOf = (
  { message, opened, embedded }: Prepared & { readonly opened: { ok: true } },
  document: LedgerDocument,
  ms: number,
): Judged | undefined => {
  const at = readLedgerSubject(message.subject);
  if (at === undefined) return undefined;
  const { seq, subject, time } = message;
  return { seq, ms, time, subject, ...at, digest: opened.digest, document, embedded };
};

const acceptsParsed =
  ({ parsed }: Prepared): Accepts =>
  () => {
    if (parsed?.kind === 'known') return 'known';
    return parsed?.kind === 'invalid' ? { invalid: parsed.reason } : 'unknown';
  };

/** How many messages before this one are not here. */
const missingTo = ({ tally }: Audit, seq: number): number => Math.max(0, seq - tally.messages);

/** A frame whose signature holds: junk, void or an event of its chain. */
const takeOpened = (
  audit: Audit,
  prepared: Prepared & { readonly opened: { ok: true } },
): Judged | undefined => {
  const { message, opened, parsed } = prepared;
  const { seq, subject } = message;
  const own = audit.chains.get(subject) ?? emptyChain;
  const { part } = audit.options;
  const missing = missingTo(audit, seq);
  const { document, digest } = opened;
  const chain =
    part === undefined ? own : bridge(part, audit.bridged, own, { seq, subject, document, missing });
  const admission = admit(
    chain,
    { seq, subject, document: opened.document, digest: opened.digest },
    { keys: audit.keys, link, accepts: acceptsParsed(prepared), endorses },
  );
  if (admission.kind === 'junk') {
    takeJunk(audit, prepared, chain, admission);
    return undefined;
  }
  audit.chains.set(subject, admission.chain);
  const envelope = opened.document as unknown as Envelope;
  if (part !== undefined)
    passGap(part, audit.bridged, { subject, missing, digest }, envelope.ver !== undefined);
  if (envelope.ver !== undefined) audit.suspects.passed(subject, envelope.ver, chain !== own);
  if (admission.kind === 'void') {
    takeVoid(audit, prepared, envelope, admission);
    foldVoid(audit, prepared);
    return undefined;
  }
  const event = parsed?.kind === 'known' ? judgedOf(prepared, parsed.document, audit.position.ms) : undefined;
  if (event !== undefined) takeEvent(audit, event);
  return event;
};

/** Takes the next message, with its signatures verified, in ledger order. Gives the event that it is, when it is an effective one. */
export const takeMessage = (audit: Audit, prepared: Prepared): Judged | undefined => {
  takePosition(audit, prepared);
  audit.tally.messages += 1;
  const { opened } = prepared;
  const event = opened.ok ? takeOpened(audit, { ...prepared, opened }) : undefined;
  if (!opened.ok) takeUnopened(audit, { ...prepared, opened });
  if (audit.tally.messages % SWEEP_EVERY === 0) forget(audit.view, audit.position.ms);
  return event;
};
