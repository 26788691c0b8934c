// Owns finding where recorded events stand in the ledger. It only looks a little while; a position is a plus, not a proof.
import type { RecordedEvent } from '../person/answer.js';
import { withReader } from './ledger-view.js';
import { hasReader } from './reader.js';

const LOOK_MS = 2_000;

/** The ledger sequence by event id, as far as this installation may read them and finds them soon. Never rejects. */
export async function positionsOf(
  home: string,
  events: readonly RecordedEvent[],
): Promise<ReadonlyMap<string, number>> {
  const found = new Map<string, number>();
  if (events.length === 0 || !hasReader(home)) return found;
  const wanted = new Set<string>(events.map(({ document }) => document.id));
  const from = Math.min(...events.map(({ document }) => document.seen)) + 1;
  const signal = AbortSignal.timeout(LOOK_MS);
  const look = withReader(home, async ({ ledger }) => {
    for await (const { seq, bytes } of ledger.read(from, { signal })) {
      const id = idIn(bytes);
      if (id !== undefined && wanted.delete(id)) found.set(id, seq);
      if (wanted.size === 0) return;
    }
  });
  await look.catch(() => undefined);
  return found;
}

function idIn(bytes: Uint8Array): string | undefined {
  try {
    const id: unknown = JSON.parse(new TextDecoder().decode(bytes)).signed.id;
    return typeof id === 'string' ? id : undefined;
  } catch {
    return undefined;
  }
}
