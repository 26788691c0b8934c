// A person's signed decision to go on with another ledger than the plane knew (ADR 0010): where it lies, and whether it counts.
import { existsSync, readFileSync } from 'node:fs';
import { type AdoptedLedger, Command, livePayloadType, type PublicKeyEntry, subjects } from '@writ/contracts';
import { canonicalize, importPublic, openFrame, type PublicKey, splitMessage } from '@writ/crypto';
import { findKey, hasRole, isKeyActive, type RegistryState } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';

/** An adoption whose author may decide it. `time`: when it was signed, `expires`: how long its file counts, both as its author says. */
export type Adoption = {
  readonly ledger: AdoptedLedger;
  readonly id: string;
  readonly time: string;
  readonly expires: string;
  readonly author: { readonly kind: 'root' } | { readonly kind: 'person'; readonly person: string };
  readonly command: Command;
  readonly frame: { readonly kid: string; readonly sig: string; readonly signed: unknown };
  readonly digest: string;
};

/** What judging an adoption needs to know of the plane as it was folded. */
export type AdoptionView = {
  readonly org: string;
  readonly roots: readonly PublicKeyEntry[];
  /** How many of the roots must agree; 1 when absent. */
  readonly threshold?: number;
  readonly registry: () => RegistryState;
};

const keyOf =
  ({ roots, registry }: AdoptionView) =>
  (kid: string): PublicKey | undefined => {
    const entry = roots.find((root) => root.kid === kid) ?? findKey(registry(), kid);
    return entry === undefined ? undefined : importPublic(entry.x);
  };

const authorOf = (
  kid: string,
  { org, roots, threshold = 1, registry }: AdoptionView,
): Adoption['author'] | string => {
  if (roots.some((root) => root.kid === kid))
    return threshold <= 1 ? { kind: 'root' } : 'one root key alone may not adopt a ledger';
  const key = findKey(registry(), kid);
  const person = key?.holder ?? kid;
  return key?.role === 'person' && isKeyActive(key) && hasRole(registry(), person, 'admin', org)
    ? { kind: 'person', person }
    : `${person} is not an administrator of ${org}`;
};

/**
 * The adoption that a root (where one is enough) or an administrator of the organisation with a key in force has signed; else why it
 * does not count. Whether it is still fresh is for the caller.
 */
export const judgeAdoption = (frame: Uint8Array, view: AdoptionView): Adoption | string => {
  const opened = openFrame(frame, livePayloadType('command'), keyOf(view));
  const parsed = opened.ok ? Command.safeParse(opened.document) : undefined;
  if (!opened.ok || parsed?.success !== true) return 'the adoption is not signed by a root or a known person';
  const { data: command } = parsed;
  const { action, expires } = command.data;
  const { kid, sig, digest } = opened;
  const author = authorOf(kid, view);
  if (typeof author === 'string') return author;
  const sender = author.kind === 'root' ? 'root' : author.person;
  if (action.do !== 'adopt-ledger' || command.subject !== subjects.command('registry', view.org, sender))
    return 'the command is for something else';
  const { id, time } = command;
  const signed = { kid, sig, signed: opened.document };
  return { ledger: action.ledger, id, time, expires, author, command, frame: signed, digest };
};

/** The frame of the adoption that lies in a file; `undefined` without one. Nothing is verified. */
export const readAdoption = (file: string): Uint8Array | undefined =>
  existsSync(file) ? splitMessage(readFileSync(file)).frame : undefined;

/** The adoption that an event of the registry records; its author as of that position when asked while it is folded. */
export const recordedAdoption = ({ document }: LedgerEvent, view: AdoptionView): Adoption | undefined => {
  if (document.type !== 'writ.registry.ledger-adopted.v1') return undefined;
  const adoption = judgeAdoption(Buffer.from(canonicalize(document.data.command as never)), view);
  return typeof adoption === 'string' ? undefined : adoption;
};
