// The manifest of a bundle: what was asked for, what is in it, which checkpoint it rests on. It proves nothing but who exported it.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { AgentScope, Digest, LedgerSeq, Token } from '../ids.js';
import { PublicKeyEntry } from '../registry/key.js';

/** What a bundle shows: the whole ledger, a range of it, one agent, or messages drawn at random. */
export const BundleKinds = ['full', 'range', 'subject', 'sample'] as const;
export type BundleKind = (typeof BundleKinds)[number];

/** The question that a bundle answers. `intents`: with each drawn message all that share its correlation. */
export const BundleQuery = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('full') }),
  z.strictObject({ kind: z.literal('range'), from: LedgerSeq.min(1), to: LedgerSeq.min(1) }),
  z.strictObject({ kind: z.literal('subject'), agent: AgentScope }),
  z.strictObject({ kind: z.literal('sample'), count: z.int().min(1).max(1_000_000), intents: z.boolean() }),
]);
export type BundleQuery = z.infer<typeof BundleQuery>;

const FileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/);
const BundleFile = z.strictObject({ bytes: z.int().min(0), sha256: Digest });

export const BundleManifestData = z.strictObject({
  bundle: z.enum(BundleKinds),
  org: Token,
  origin: z.string().min(1).max(200),
  query: BundleQuery,
  counts: z.strictObject({ messages: z.int().min(0) }),
  /** `root`: standard base64, as the checkpoint spells it. */
  checkpoint: z.strictObject({ size: LedgerSeq, root: z.string().length(44) }).nullable(),
  /** Every file of the folder but the manifest, by name. */
  files: z.record(FileName, BundleFile),
  /** The key that signed this. */
  by: PublicKeyEntry,
});
/** `writ.bundle-manifest.v1`; its subject is `bundle.<org>`, which no message of the bus has. */
export const BundleManifest = liveDocument('bundle-manifest', BundleManifestData);

export type BundleManifestData = z.infer<typeof BundleManifestData>;
export type BundleManifest = z.infer<typeof BundleManifest>;
