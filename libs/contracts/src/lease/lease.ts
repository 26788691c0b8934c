// Lease and notice: what the kill-switch says to every agent of an environment.
import { z } from 'zod';
import { liveDocument } from '../document.js';
import { Frame } from '../frame.js';
import { EnvironmentScope, LedgerSeq } from '../ids.js';

/** Lease times (ARCHITECTURE §5), milliseconds. */
export const LeaseTimes = { renewEveryMs: 500, validMs: 1500, loopGapMs: 500 } as const;

export const LeaseData = z.strictObject({
  environment: EnvironmentScope,
  epoch: z.int().min(1),
  /** Ledger sequence of the last halt or release on the environment's authority subject; 0 for none. */
  haltPosition: LedgerSeq,
  validMs: z.int().min(100).max(60_000),
});
/** `writ.lease.v1` on `gov.lease.<env>`, every 500 ms. */
export const Lease = liveDocument('lease', LeaseData);
export type Lease = z.infer<typeof Lease>;

/** `fact` is the ledger frame of the halt or release: the release embeds the persons' own signed commands. */
export const NoticeData = z.strictObject({
  environment: EnvironmentScope,
  about: z.enum(['halt-engaged', 'halt-released']),
  position: LedgerSeq,
  fact: Frame,
});
/** `writ.notice.v1` on `gov.notice.<env>`. */
export const Notice = liveDocument('notice', NoticeData);
export type Notice = z.infer<typeof Notice>;

export type LeaseData = z.infer<typeof LeaseData>;
export type NoticeData = z.infer<typeof NoticeData>;
