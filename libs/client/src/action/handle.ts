// An intent on its way: its frame, its disclosures and, once decided, the obliged arguments. Serialised only by its owner.
import type { Committed, LiveDocumentOf } from '@writ/contracts';
import type { HandleJson, IntentHandle } from '../types.js';
import type { ReceiptGrant } from './receipt-grant.js';

export type IntentDocument = LiveDocumentOf<'intent'>;

/** Arguments with what commits to them. */
export type CommittedArgs = { readonly committed: Committed; readonly disclosures: readonly string[] };

/** The handle as this package sees it. */
export interface HeldIntent extends IntentHandle {
  readonly document: IntentDocument;
  readonly frame: Uint8Array;
  /** Of the session key that signed it. */
  readonly certificate: Uint8Array | undefined;
  readonly args: CommittedArgs;
  readonly disclosures: readonly string[];
  /** Ids of the receipt requests that this process has made for it. */
  readonly requests: Set<string>;
  /** Set by the decision. */
  obliged: CommittedArgs | undefined;
  /** A receipt that came while waiting for an approval. */
  grant: ReceiptGrant | undefined;
  started: boolean;
}

const held = new WeakSet<IntentHandle>();

type Parts = Pick<
  HeldIntent,
  'document' | 'frame' | 'certificate' | 'digest' | 'args' | 'disclosures' | 'agent'
>;

/** Makes a handle; `disclosures` are all of them, the arguments' first. */
export const holdIntent = (parts: Parts, started = false): HeldIntent => {
  const { tool, operation, resource } = parts.document.data.action;
  const handle: HeldIntent = {
    ...parts,
    id: parts.document.id,
    action: { tool, operation, resource },
    requests: new Set(),
    obliged: undefined,
    grant: undefined,
    started,
    toJSON: () => toJson(handle),
  };
  held.add(handle);
  return handle;
};

/** The handle behind its public face; throws for an object that this package did not make. */
export const heldIntent = (handle: IntentHandle): HeldIntent => {
  if (!held.has(handle)) throw new TypeError('not an intent handle of this client');
  return handle as HeldIntent;
};

const toJson = (handle: HeldIntent): HandleJson => ({
  v: 1,
  private: true,
  id: handle.id,
  agent: handle.agent,
  frame: new TextDecoder().decode(handle.frame),
  ...(handle.certificate && { certificate: new TextDecoder().decode(handle.certificate) }),
  argCount: handle.args.disclosures.length,
  disclosures: handle.disclosures,
  started: handle.started,
});
