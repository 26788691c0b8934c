// A vote: one person's signed answer to one gate, bound to the exact action.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Committed } from '../frame.js';
import { CommandId, Digest, EnvironmentScope, Timestamp } from '../ids.js';

export const VoteData = z.strictObject({
  environment: EnvironmentScope,
  intentId: CommandId,
  intentDigest: Digest,
  boundaryDigest: Digest,
  obligedDigest: Digest,
  choice: z.enum(['approve', 'reject', 'abstain']),
  nonce: z.string().regex(/^[A-Za-z0-9_-]{22}$/),
  reason: Committed,
  expires: Timestamp,
});

/** `writ.vote.v1` on `gov.vote.<org>.<person>`, signed by the person's own key. */
export const Vote = liveDocument('vote', VoteData);
export type Vote = z.infer<typeof Vote>;

export type VoteData = z.infer<typeof VoteData>;
