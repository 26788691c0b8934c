// Finds the stored bytes of a recent event again: what goes to an asker is always what the ledger holds.
import type { EventId, Family, LedgerSeq } from '@writ/contracts';
import type { Plane } from './plane.js';

/** The frames of one family by event id; the most recent `keep` are known by position, none by content. */
export interface StoredFrames {
  /** The stored frame, also of an event just stored and not folded yet; undefined for one not among the most recent. */
  of(id: EventId): Promise<Uint8Array | undefined>;
}

/** How long an event that was stored a moment ago is waited for, ms. */
const FOLD_MS = 500;

/** Remembers positions as the follower passes; reads the bytes from the ledger when asked. */
export const rememberFrames = (plane: Plane, family: Family, keep = 100_000): StoredFrames => {
  const positions = new Map<EventId, { readonly subject: string; readonly seq: LedgerSeq }>();
  plane.follower.listen((event) => {
    if (event.family !== family) return;
    positions.set(event.document.id, { subject: event.subject, seq: event.seq });
    if (positions.size > keep) positions.delete(positions.keys().next().value as EventId);
  });
  const folded = async (id: EventId) => {
    const end = await plane.ledger.end().catch(() => undefined);
    if (end !== undefined) await plane.follower.reached(end, FOLD_MS);
    return positions.get(id);
  };
  return {
    of: async (id) => {
      const at = positions.get(id) ?? (await folded(id));
      if (at === undefined) return undefined;
      for await (const message of plane.ledger.load(at.subject, at.seq - 1)) return message.bytes;
      return undefined;
    },
  };
};
