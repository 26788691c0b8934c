// Whether a recorded release carries the persons' own signatures for a halt. It believes neither the plane nor `by`.
import {
  covers,
  DocumentLimits,
  type Frame,
  type LedgerDocumentOf,
  type LiveDocumentOf,
  liveDocuments,
  livePayloadType,
  organisationOf,
  type Scope,
} from '@writ/contracts';
import { frameBytes, openFrame } from '@writ/crypto';
import { commandAuthor, holdsRole } from './directory.js';
import type { Trust } from './trust.js';

export type ReleaseFact = LedgerDocumentOf<'writ.authority.halt-released.v1'>;
type ReleaseAction = Extract<LiveDocumentOf<'command'>['data']['action'], { do: 'release' }>;

/** A release command whose signature is that of the person it names. */
type SignedRelease = {
  readonly person: string;
  readonly action: ReleaseAction;
  readonly made: number;
  readonly expires: number;
};

const SKEW_MS = 120_000;

/**
 * The halts of the fact that it really releases: each person in `by` has signed a release that names the halt, covers the
 * released scope, was in force when the fact was made, and holds the operator role at a scope that covers the halt's.
 * `scopeOf` gives the scope of a halt known here; halts that are not known are left out.
 */
export const provedReleases = (
  trust: Trust,
  fact: ReleaseFact,
  scopeOf: (halt: string) => Scope | undefined,
): readonly string[] => {
  const at = Date.parse(fact.time);
  const signed = fact.data.commands
    .map((frame) => readRelease(trust, frame, organisationOf(fact.data.environment)))
    .filter((release) => release !== undefined && release.expires > at && release.made <= at + SKEW_MS);
  return fact.data.halts.filter((halt) => {
    const scope = scopeOf(halt);
    return (
      scope !== undefined &&
      fact.data.by.every((person) => releases(trust, signed, person, halt, scope, fact))
    );
  });
};

const releases = (
  trust: Trust,
  signed: readonly (SignedRelease | undefined)[],
  person: string,
  halt: string,
  scope: Scope,
  fact: ReleaseFact,
): boolean =>
  signed.some(
    (release) =>
      release?.person === person &&
      release.action.halts.includes(halt) &&
      covers(release.action.scope, fact.data.scope) &&
      holdsRole(trust.directory(), person, 'operator', scope) &&
      holdsRole(trust.directory(), person, 'operator', release.action.scope),
  );

const readRelease = (trust: Trust, frame: Frame, org: string): SignedRelease | undefined => {
  const held = trust.find(frame.kid);
  if (held?.certified.role !== 'person') return undefined;
  const opened = openFrame(frameBytes(frame), livePayloadType('command'), held.key, DocumentLimits.any);
  const parsed = opened.ok ? liveDocuments.command.safeParse(opened.document) : undefined;
  if (!parsed?.success) return undefined;
  const { subject, time, data } = parsed.data;
  if (commandAuthor(subject, 'kill-switch', org) !== held.certified.holder) return undefined;
  if (data.action.do !== 'release') return undefined;
  const { holder: person } = held.certified;
  return { person, action: data.action, made: Date.parse(time), expires: Date.parse(data.expires) };
};
