// The folded view: position, chains, and who is told. Strictly in order and synchronous; knows nothing of reading or keys.
import type { LedgerDocument, LedgerSeq } from '@writ/contracts';
import { type Admission, type AdmissionRules, admit, emptyChain, readLedgerSubject } from '@writ/domain';
import type { JunkMessage, LedgerEvent, LedgerItem } from '../event.js';
import type { StoredMessage } from '../ledger.js';
import type { Opened } from './opener.js';
import type { FollowerSnapshot, SubjectTip } from './types.js';

type Handler<T> = (value: T) => void;

export type FoldState = {
  position: LedgerSeq;
  junk: number;
  readonly tips: Map<string, SubjectTip>;
  readonly folds: Set<Handler<LedgerEvent>>;
  readonly listeners: Set<Handler<LedgerEvent>>;
  readonly watchers: Map<string, Set<Handler<LedgerItem>>>;
  readonly onJunk: Handler<JunkMessage>;
  readonly rules: AdmissionRules;
};

const EMPTY_TIP: SubjectTip = { last: 0, chain: emptyChain };

export const createFoldState = (
  rules: AdmissionRules,
  onJunk: Handler<JunkMessage>,
  snapshot: FollowerSnapshot | undefined,
): FoldState => {
  const tips = new Map<string, SubjectTip>();
  for (const [subject, chain] of snapshot?.chains ?? []) tips.set(subject, { last: 0, chain });
  return {
    position: snapshot?.position ?? 0,
    junk: 0,
    tips,
    folds: new Set(),
    listeners: new Set(),
    watchers: new Map(),
    onJunk,
    rules,
  };
};

/** Where a subject stands. */
export const tipOf = (state: FoldState, subject: string): SubjectTip => state.tips.get(subject) ?? EMPTY_TIP;

const tell = (state: FoldState, subject: string, item: LedgerItem): void => {
  for (const handler of [...(state.watchers.get(subject) ?? [])]) handler(item);
};

/** Skips a message that counts in no chain. A subject that holds nothing but junk is not remembered. */
export const foldJunk = (state: FoldState, message: StoredMessage, code: string, reason: string): void => {
  const { seq, subject } = message;
  const tip = state.tips.get(subject);
  if (tip !== undefined) state.tips.set(subject, { ...tip, last: seq });
  state.junk += 1;
  state.position = seq;
  const junk: JunkMessage = { seq, subject, code, reason };
  state.onJunk(junk);
  tell(state, subject, { kind: 'junk', junk });
};

const toEvent = (message: StoredMessage, opened: Opened & { ok: true }, isVoid: boolean): LedgerEvent => {
  const at = readLedgerSubject(message.subject);
  if (at === undefined) throw new TypeError(`${message.subject} was admitted and is no ledger subject`);
  return {
    seq: message.seq,
    time: message.time,
    subject: message.subject,
    family: at.family,
    scope: at.scope,
    document: opened.document as unknown as LedgerDocument,
    digest: opened.digest,
    bytes: message.bytes,
    void: isVoid,
  };
};

const foldEvent = (state: FoldState, event: LedgerEvent, chain: SubjectTip['chain']): void => {
  state.tips.set(event.subject, { last: event.seq, chain });
  if (!event.void) for (const handler of [...state.folds]) handler(event);
  state.position = event.seq;
  for (const handler of [...state.listeners]) handler(event);
  tell(state, event.subject, { kind: 'event', event });
};

/** Judges and folds one message of a wanted family. Throws only what a fold throws. */
export const foldMessage = (state: FoldState, message: StoredMessage, opened: Opened): void => {
  if (!opened.ok) {
    foldJunk(state, message, opened.code, opened.reason);
    return;
  }
  const { chain } = tipOf(state, message.subject);
  const { seq, subject } = message;
  const verdict: Admission = admit(
    chain,
    { seq, subject, document: opened.document, digest: opened.digest },
    state.rules,
  );
  if (verdict.kind === 'junk') foldJunk(state, message, verdict.code, verdict.reason);
  else foldEvent(state, toEvent(message, opened, verdict.kind === 'void'), verdict.chain);
};
