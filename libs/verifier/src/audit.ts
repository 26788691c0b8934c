// The audit of one ledger: takes messages in ledger order, keeps what the verdicts need, and reports. No signature is made or
// checked here; that was done on the way.
import { Families, type Family, type LedgerDocument, type PublicKeyEntry, type Token } from '@writ/contracts';
import { link } from '@writ/crypto';
import {
  type Accepts,
  type Admission,
  admit,
  type Chain,
  type Envelope,
  emptyChain,
  readEnvelope,
  readLedgerSubject,
} from '@writ/domain';
import { fold, forget, worstOf } from './folded/fold.js';
import { createView, type View } from './folded/view.js';
import type { Prepared } from './frames/prepare.js';
import type { Flaw } from './invariants/flaw.js';
import { judge } from './judge.js';
import type { Judged } from './message.js';
import { createKeys, type Keys } from './record/keys.js';
import { advance, beforeFirst, type Position } from './record/position.js';
import {
  createSuspects,
  mayWriteHere,
  type Suspects,
  suspectEvent,
  suspectFrame,
} from './record/suspects.js';
import { createFindings, type Findings } from './report/findings.js';
import type { Report } from './report/report.js';
import { type Tally, writeReport } from './report/write-report.js';

/** The organisation, its pinned root keys, and whether the messages begin at sequence 1. */
export type AuditOptions = {
  readonly org: Token;
  readonly roots: readonly PublicKeyEntry[];
  readonly complete: boolean;
};

type Audit = {
  readonly options: AuditOptions;
  readonly view: View;
  readonly keys: Keys;
  readonly chains: Map<string, Chain>;
  readonly suspects: Suspects;
  readonly findings: Findings;
  readonly tally: Tally;
  position: Position;
};

const SWEEP_EVERY = 1_024;

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

const createState = (options: AuditOptions): Audit => {
  const view = createView(options.org);
  return {
    options,
    view,
    keys: createKeys(options.org, options.roots, () => view.registry.now()),
    chains: new Map(),
    suspects: createSuspects(),
    findings: createFindings(),
    tally: emptyTally(),
    position: beforeFirst,
  };
};

const takePosition = (audit: Audit, { message }: Prepared): void => {
  const { position, faults } = advance(audit.position, message, audit.options.complete);
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

const takeEvent = (audit: Audit, event: Judged): void => {
  countEvent(audit.tally, event);
  const found = judge(audit.view, event);
  // What came before is not known: nothing can be held against anybody for sure.
  const flaws = audit.options.complete ? found : found.map((flaw): Flaw => ({ ...flaw, undetermined: true }));
  report(audit, event, flaws);
  fold(audit.view, event, flaws);
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

/** A frame whose signature holds: junk, void or an event of its chain. */
const takeOpened = (audit: Audit, prepared: Prepared & { readonly opened: { ok: true } }): void => {
  const { message, opened, parsed } = prepared;
  const { seq, subject } = message;
  const chain = audit.chains.get(subject) ?? emptyChain;
  const admission = admit(
    chain,
    { seq, subject, document: opened.document, digest: opened.digest },
    { keys: audit.keys, link, accepts: acceptsParsed(prepared) },
  );
  if (admission.kind === 'junk') {
    takeJunk(audit, prepared, chain, admission);
    return;
  }
  audit.chains.set(subject, admission.chain);
  const envelope = opened.document as unknown as Envelope;
  if (envelope.ver !== undefined) audit.suspects.passed(subject, envelope.ver);
  if (admission.kind === 'void') {
    takeVoid(audit, prepared, envelope, admission);
    return;
  }
  const event = parsed?.kind === 'known' ? judgedOf(prepared, parsed.document, audit.position.ms) : undefined;
  if (event !== undefined) takeEvent(audit, event);
};

const take = (audit: Audit, prepared: Prepared): void => {
  takePosition(audit, prepared);
  audit.tally.messages += 1;
  const { opened } = prepared;
  if (opened.ok) takeOpened(audit, { ...prepared, opened });
  else takeUnopened(audit, { ...prepared, opened });
  if (audit.tally.messages % SWEEP_EVERY === 0) forget(audit.view, audit.position.ms);
};

const reportSuspects = ({ suspects, findings }: Audit): void => {
  for (const { subject, first, count } of suspects.left()) {
    const { seq, code } = first;
    const more = count === 1 ? '' : `; ${count} messages there count for nothing`;
    findings.add({ seq, subject, id: '', code, verdict: 'INVALID', reason: `${first.reason}${more}` });
  }
};

const reportBeginning = ({ options, view, tally, findings }: Audit): void => {
  const at = { seq: 0, subject: `gov.ledger.registry.${options.org}`, id: '' } as const;
  if (!options.complete) {
    const reason = 'keys, counters and states from before its first message are not known';
    findings.add({ ...at, code: 'WRIT-VER-109', verdict: 'UNDETERMINED', reason });
  } else if (tally.messages > 0 && view.registry.now().org === null) {
    const reason = `no pinned root key has founded ${options.org} here`;
    findings.add({ ...at, code: 'WRIT-VER-106', verdict: 'INVALID', reason });
  }
};

/** One audit. */
export type RunningAudit = {
  /** A live view of the keys certified so far. */
  readonly keys: Keys;
  /** The next message, in ledger order, with its signatures verified. */
  take(prepared: Prepared): void;
  finish(): Report;
};

/** Begins an audit before the first message. */
export const beginAudit = (options: AuditOptions): RunningAudit => {
  const audit = createState(options);
  return {
    keys: audit.keys,
    take: (prepared) => take(audit, prepared),
    finish: () => {
      reportSuspects(audit);
      reportBeginning(audit);
      const { chains, tally, position } = audit;
      return writeReport({ ...options, chains, tally, position, settled: audit.findings.settle() });
    },
  };
};
