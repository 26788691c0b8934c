// The portable receipt: one action with everything that it rests on, in one file of canonical JSON (docs/reference/bundle.md, 8).
import { z } from 'zod';
import { Frame } from '../frame.js';
import { Timestamp, Token } from '../ids.js';

const ReceiptMessage = z.strictObject({
  seq: z.int().min(1),
  time: Timestamp,
  subject: z.string().max(300),
  frame: Frame,
  /** Places in `hashes`: the inclusion proof, nearest sibling first. */
  proof: z.array(z.int().min(0)).max(64),
});

/** Version 1. `checkpoint` is the signed note; `hashes` are in standard base64, each once. */
export const PortableReceipt = z.strictObject({
  writ: z.literal('portable-receipt'),
  version: z.literal(1),
  org: Token,
  origin: z.string().min(1).max(200),
  intentId: z.string().max(64),
  checkpoint: z.string().max(64 * 1024),
  hashes: z.array(z.string().length(44)).max(4096),
  messages: z.array(ReceiptMessage).max(512),
});
export type PortableReceipt = z.infer<typeof PortableReceipt>;
