// The ledger as a service last knew it: kept in a file, compared when the service starts, so that one that was truncated, replaced or
// rolled back in between is not taken for it. A person may decide to go on with it (ADR 0009). It decides nothing by itself.
import { existsSync, readFileSync } from 'node:fs';
import { Command, livePayloadType, type PublicKeyEntry, subjects } from '@writ/contracts';
import { importPublic, openFrame, type PublicKey, splitMessage } from '@writ/crypto';
import { findKey, hasRole, isKeyActive, type RegistryState } from '@writ/domain';
import type { Follower, LedgerEvent } from '@writ/ledger';
import { z } from 'zod';
import { RuntimeFault } from '../faults.js';
import { replaceFile } from '../install/atomic-file.js';

/** Where the two files stand. */
export type MarkFiles = { readonly mark: string; readonly adoption: string };

/** `of`: which events the service opens, so that a mark of other ones is not compared. `at`: wall time, RFC 3339. */
const Mark = z.strictObject({
  of: z.string(),
  end: z.int().min(0),
  last: z.strictObject({ seq: z.int().min(1), digest: z.string().length(43) }).nullable(),
  at: z.iso.datetime(),
});
type Mark = z.infer<typeof Mark>;

type Adoption = Extract<Command['data']['action'], { readonly do: 'adopt-ledger' }>['ledger'];

/** What judging an adoption needs to know of the plane as it was folded. */
export type MarkView = {
  readonly org: string;
  readonly roots: readonly PublicKeyEntry[];
  readonly registry: () => RegistryState;
};

/** The mark of one service. */
export interface LedgerMark {
  /** Once the ledger is folded to its end. Throws WRIT-LED-013 when it is another ledger, and nobody has adopted it since. */
  check(): void;
  /** Writes the mark anew when the ledger has gone on. */
  keep(at: string): void;
}

const readMark = (file: string): Mark | undefined => {
  if (!existsSync(file)) return undefined;
  try {
    return Mark.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    throw new RuntimeFault('WRIT-LED-013', `${file} cannot be read: what was known of the ledger is lost`);
  }
};

/** The signed command of an adoption, when one lies there; `undefined` without. Its signature is for `signedBy`. */
export const readAdoption = (file: string): Uint8Array | undefined =>
  existsSync(file) ? splitMessage(readFileSync(file)).frame : undefined;

const keyOf =
  ({ roots, registry }: MarkView) =>
  (kid: string): PublicKey | undefined => {
    const entry = roots.find((root) => root.kid === kid) ?? findKey(registry(), kid);
    return entry === undefined ? undefined : importPublic(entry.x);
  };

/** The adoption that a root, or an administrator of the organisation with a key in force, has signed; else why it does not count. */
const adoptedBy = (frame: Uint8Array, view: MarkView): { ledger: Adoption; time: string } | string => {
  const opened = openFrame(frame, livePayloadType('command'), keyOf(view));
  const parsed = opened.ok ? Command.safeParse(opened.document) : undefined;
  if (!opened.ok || parsed?.success !== true) return 'the adoption is not signed by a root or a known person';
  const { data, time, subject } = parsed.data;
  const key = findKey(view.registry(), opened.kid);
  const isRoot = view.roots.some(({ kid }) => kid === opened.kid);
  const holder = isRoot ? 'root' : (key?.holder ?? '');
  const may =
    isRoot ||
    (key?.role === 'person' && isKeyActive(key) && hasRole(view.registry(), holder, 'admin', view.org));
  if (!may) return `${holder} is not an administrator of ${view.org}`;
  if (subject !== subjects.command('registry', view.org, holder) || data.action.do !== 'adopt-ledger') {
    return 'the command is for something else';
  }
  return { ledger: data.action.ledger, time };
};

const sameLast = (a: LedgerEvent | undefined, b: { seq: number; digest: string } | null): boolean =>
  b === null ? a === undefined : a?.digest === b.digest;

/** Watches a follower that has not started yet. `of` names what the service opens. */
export const watchMark = (follower: Follower, of: string, files: MarkFiles, view: MarkView): LedgerMark => {
  const mark = readMark(files.mark);
  const frame = readAdoption(files.adoption);
  const registryEvents = new Map<number, string>();
  let atMark: LedgerEvent | undefined;
  let last: Mark['last'] = null;
  let kept = '';
  follower.listen((event) => {
    last = { seq: event.seq, digest: event.digest };
    if (event.seq === mark?.last?.seq) atMark = event;
    if (event.family === 'registry' && frame !== undefined) registryEvents.set(event.seq, event.digest);
  });

  const differs = (): string | undefined => {
    if (mark === undefined || mark.of !== of) return undefined;
    const end = follower.position();
    if (end < mark.end) return `it ends at ${end}, it was known up to ${mark.end}`;
    return sameLast(atMark, mark.last) ? undefined : `event ${mark.last?.seq} is not the one that was known`;
  };

  const adopted = (): string | undefined => {
    if (frame === undefined) return 'nobody has adopted it';
    const adoption = adoptedBy(frame, view);
    if (typeof adoption === 'string') return adoption;
    const { ledger, time } = adoption;
    if (mark !== undefined && time <= mark.at) return 'the adoption is older than what was known';
    if (follower.position() < ledger.end) return `the adopted one ended at ${ledger.end}`;
    const named = ledger.registry;
    const same = named === null || registryEvents.get(named.seq) === named.digest;
    return same ? undefined : 'the adopted one has another registry';
  };

  return {
    check: () => {
      const difference = differs();
      if (difference === undefined) return;
      const refusal = adopted();
      if (refusal !== undefined) throw new RuntimeFault('WRIT-LED-013', `${difference}; ${refusal}`);
    },
    keep: (at) => {
      const now = { of, end: follower.position(), last };
      const text = JSON.stringify(now);
      if (text === kept) return;
      replaceFile(files.mark, JSON.stringify({ ...now, at }));
      kept = text;
    },
  };
};
