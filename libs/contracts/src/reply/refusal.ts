// A refusal: signed, with a code of the table, a reason, and what to do next. Everything else answered is a ledger frame.
import { z } from 'zod';
import { liveDocument } from '../document.js';

export const RefusalData = z.strictObject({
  code: z.string().regex(/^WRIT-[A-Z]{2,4}-\d{3}$/),
  reason: z.string().max(300),
  next: z.string().max(300),
  inReplyTo: z.string().max(260),
  retry: z.boolean(),
});
/** `writ.refusal.v1` to the asker's inbox; its subject is the live subject that was asked. */
export const Refusal = liveDocument('refusal', RefusalData);
export type Refusal = z.infer<typeof Refusal>;

export type RefusalData = z.infer<typeof RefusalData>;
