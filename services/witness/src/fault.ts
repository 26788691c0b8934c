// Why a witness cannot start or go on. Never holds a key.
import { type Code, Codes } from '@writ/contracts';

/** A code of the table and a reason. */
export class WitnessFault extends Error {
  override readonly name = 'WitnessFault';
  constructor(
    readonly code: Extract<Code, `WRIT-WIT-${string}`>,
    readonly reason: string,
  ) {
    super(`${code} ${Codes[code].title}: ${reason}. ${Codes[code].next}`);
  }
}
