// Judges messages in ledger order: event, void event or junk, by the one rule of @writ/domain. It writes nothing.
import { DocumentLimits, type LedgerDocument, parseLedgerDocument } from '@writ/contracts';
import { endorses, link, type Opened, readVerified } from '@writ/crypto';
import { type Accepts, admit, type Chain, type Envelope, emptyChain } from '@writ/domain';
import type { SourceMessage } from '../source.js';
import { createDirectory, type FoldedDirectory, type PinnedRoot } from './directory.js';
import type { Checked } from './opener.js';

/** A message as judged. `effective` is absent for a void event, which has no effect. */
export type Judged =
  | {
      readonly kind: 'event';
      readonly message: SourceMessage;
      readonly digest: string;
      readonly envelope: Envelope;
      readonly effective?: LedgerDocument;
      readonly voidCode: string | null;
      readonly chain: Chain;
    }
  | {
      readonly kind: 'junk';
      readonly message: SourceMessage;
      readonly code: string;
      readonly reason: string;
    };

/** What admission knows at a position: chains by subject and the keys. */
export type JudgeState = { readonly chains: Map<string, Chain>; readonly directory: FoldedDirectory };

/** The state before the first message. */
export const initialJudgeState = (roots: readonly PinnedRoot[]): JudgeState => ({
  chains: new Map(),
  directory: createDirectory(roots),
});

type Document = Extract<Opened, { readonly ok: true }>;

const judgeOpened = (state: JudgeState, message: SourceMessage, opened: Document): Judged => {
  let effective: LedgerDocument | undefined;
  const accepts: Accepts = (document) => {
    const parsed = parseLedgerDocument(document);
    if (parsed.kind === 'known') effective = parsed.document;
    if (parsed.kind === 'invalid') return { invalid: parsed.reason };
    return parsed.kind === 'known' ? 'known' : 'unknown';
  };
  const { seq, subject } = message;
  const { document, digest } = opened;
  const chain = state.chains.get(subject) ?? emptyChain;
  const rules = { keys: state.directory, link, accepts, endorses };
  const verdict = admit(chain, { seq, subject, document, digest }, rules);
  if (verdict.kind === 'junk') return { ...verdict, message };
  state.chains.set(subject, verdict.chain);
  const event = { kind: 'event', message, digest, chain: verdict.chain } as const;
  const envelope = document as unknown as Envelope;
  if (verdict.kind === 'void' || effective === undefined) {
    if (effective?.type.startsWith('writ.registry.') === true)
      state.directory.foldVoid({ seq, subject, time: message.time, digest, document: effective });
    return { ...event, envelope, voidCode: verdict.kind === 'void' ? verdict.code : 'WRIT-ADM-008' };
  }
  if (effective.type.startsWith('writ.registry.')) {
    state.directory.fold({ seq, subject, time: message.time, digest, document: effective });
  }
  return { ...event, envelope, effective, voidCode: null };
};

/** Judges the next message, and folds it into the state. Must be called in ledger order. */
export const judge = (state: JudgeState, message: SourceMessage, checked: Checked): Judged => {
  const opened = checked.ok ? readVerified(checked, DocumentLimits.any) : checked;
  if (!opened.ok) return { kind: 'junk', message, code: opened.code, reason: opened.reason };
  return judgeOpened(state, message, opened);
};
