// What admission gives for a message that counts in no chain. Its shape only.
import type { AdmissionCode } from './codes.js';

/** Counts in no chain, and why. */
export type Junk = { readonly kind: 'junk'; readonly code: AdmissionCode; readonly reason: string };

/** Makes it. */
export const junk = (code: AdmissionCode, reason: string): Junk => ({ kind: 'junk', code, reason });
