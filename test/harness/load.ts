// A load of intents and receipts that remembers, byte for byte, what was acknowledged to it. It asks again, as clients do.

import { subjects } from '@writ/contracts';
import { splitFrames } from '@writ/crypto';
import type { Answer } from './answer.js';
import type { Asker, MadeIntent, Wanted } from './asker.js';

export interface Load {
  /** How many receipts were acknowledged since the last call. */
  sinceLast(): number;
  /** Ends it. `acknowledged`: the frames of all decisions and receipts that were answered; `lost`: ids that got no answer at all. */
  stop(): Promise<{ readonly acknowledged: readonly string[]; readonly lost: readonly string[] }>;
}

const LANES = 4;
const ATTEMPT_MS = 1000;
const PATIENCE_MS = 30_000;

/** The same bytes until they are answered other than by a refusal that says `retry`. */
const insist = async (asker: Asker, subject: string, bytes: Uint8Array): Promise<Answer | undefined> => {
  const end = performance.now() + PATIENCE_MS;
  while (performance.now() < end) {
    const answer = await asker.send(subject, bytes, ATTEMPT_MS).catch(() => undefined);
    if (answer !== undefined && answer.first.data['retry'] !== true) return answer;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return undefined;
};

const frameOf = ({ text }: Answer): string =>
  Buffer.from(splitFrames(Buffer.from(text, 'latin1'))[0] as Uint8Array).toString('utf8');

/** Starts four lanes that each ask for one decision and its receipt after the other. */
export const acknowledgedLoad = (asker: Asker, wanted: Wanted): Load => {
  const acknowledged: string[] = [];
  const lost: string[] = [];
  let receipts = 0;
  let told = 0;
  let stopped = false;
  const keep = (intent: MadeIntent, answer: Answer | undefined): answer is Answer => {
    if (answer === undefined) lost.push(intent.id);
    else if (answer.code === undefined) acknowledged.push(frameOf(answer));
    else lost.push(`${intent.id} ${answer.code}`);
    return answer?.code === undefined;
  };
  const lane = async (): Promise<void> => {
    while (!stopped) {
      const intent = asker.intent(wanted);
      if (!keep(intent, await insist(asker, subjects.intent(asker.scope), intent.bytes))) continue;
      const request = asker.receiptRequest(intent);
      if (keep(intent, await insist(asker, subjects.receipt(asker.scope), request))) receipts += 1;
    }
  };
  const lanes = Array.from({ length: LANES }, lane);
  return {
    sinceLast: () => {
      const now = receipts - told;
      told = receipts;
      return now;
    },
    stop: async () => {
      stopped = true;
      await Promise.all(lanes);
      return { acknowledged, lost };
    },
  };
};
