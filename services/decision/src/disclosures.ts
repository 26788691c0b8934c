// Sorts an intent's disclosures: which may stand in the ledger, which go to the vault. Nothing undisclosed passes.
import {
  type AgentScope,
  type Intent,
  type JsonValue,
  type Obligation,
  oblige,
  type PermissionBoundary,
  type Refused,
  type Retention,
  refused,
} from '@writ/contracts';
import { committedDigest, disclosureDigest, obligeCommitted, readDisclosure } from '@writ/crypto';
import { compileBoundary } from '@writ/domain';
import type { OpenVault } from '@writ/runtime';

/** The vault as a decision uses it. */
export type PrivateValues = Pick<OpenVault, 'put' | 'subjects'>;

export type Disclosed = {
  readonly name: string;
  readonly value: JsonValue;
  readonly digest: string;
  readonly text: string;
};

/** The disclosures of one intent. `args` are those of its arguments; `others` of reasoning, evidence and reversal. */
export type SortedDisclosures = {
  readonly kind: 'sorted';
  readonly args: readonly Disclosed[];
  readonly others: readonly Disclosed[];
};

const read = (text: string): Disclosed | undefined => {
  const parsed = readDisclosure(text);
  return parsed.ok
    ? { name: parsed.name, value: parsed.value, digest: disclosureDigest(text), text }
    : undefined;
};

/**
 * Matches every disclosure with the commitment that it opens. Refuses (WRIT-FRM-013) one that opens nothing, one that comes
 * twice, and an argument that stays closed: a decision knows all arguments.
 */
export const sortDisclosures = (intent: Intent, lines: readonly string[]): SortedDisclosures | Refused => {
  const { action, reasoning, evidence, reversal } = intent.data;
  const open = lines.map(read);
  const digests = new Set(open.map((d) => d?.digest));
  if (open.includes(undefined) || digests.size !== lines.length)
    return refused('WRIT-FRM-013', 'a disclosure is malformed or doubled');
  const all = open as readonly Disclosed[];
  const inArgs = new Set(action.args._sd);
  const elsewhere = new Set([
    ...reasoning.private._sd,
    ...evidence.flatMap((e) => e.value._sd),
    ...reversal.private._sd,
  ]);
  if (all.some((d) => !inArgs.has(d.digest) && !elsewhere.has(d.digest))) {
    return refused('WRIT-FRM-013', 'a disclosure opens no commitment of this intent');
  }
  const args = all.filter((d) => inArgs.has(d.digest));
  if (args.length !== inArgs.size || new Set(args.map((d) => d.name)).size !== args.length) {
    return refused('WRIT-FRM-013', 'the arguments are not disclosed one by one');
  }
  return { kind: 'sorted', args, others: all.filter((d) => !inArgs.has(d.digest)) };
};

/**
 * Puts into the vault what will not stand in the ledger: every disclosure but those of the arguments that the boundary declares
 * clear and its rules read. Durable before the decision is appended.
 */
export const keepPrivate = async (
  vault: PrivateValues,
  intent: Intent,
  agent: AgentScope,
  sorted: SortedDisclosures,
  boundary: PermissionBoundary | undefined,
): Promise<void> => {
  const clear = boundary === undefined ? [] : compileBoundary(boundary).fields;
  const closed = [...sorted.args.filter((d) => !clear.includes(d.name)), ...sorted.others];
  if (closed.length === 0) return;
  const month = intent.time.slice(0, 7);
  const person = personIn(sorted.args, boundary);
  const about = {
    ...{ agent, month, intent: intent.id },
    subject: person === undefined ? null : await vault.subjects.of(person),
    ...(boundary?.spec.retention === undefined
      ? {}
      : { retention: retainUntil(intent, boundary.spec.retention) }),
  };
  await vault.put(closed.map((d) => ({ ...about, digest: d.digest, disclosure: d.text })));
};

/** Whom the action is about, as the boundary says: the value of one argument, where it is a text or a number. */
const personIn = (
  args: readonly Disclosed[],
  boundary: PermissionBoundary | undefined,
): string | undefined => {
  const name = boundary?.spec.dataSubject?.slice('args.'.length);
  const value = args.find((d) => d.name === name)?.value;
  return typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
};

const DAY_MS = 86_400_000;

const retainUntil = (intent: Intent, { class: name, days }: Retention) => ({
  class: name,
  until: new Date(Date.parse(intent.time) + days * DAY_MS).toISOString(),
});

/** The digest of the arguments after obligations; that of the arguments as sent where there are none or they do not fit. */
export const obligedDigestOf = (
  intent: Intent,
  args: readonly Disclosed[],
  obligations: readonly Obligation[],
): string => {
  const committed = intent.data.action.args;
  if (obligations.length === 0) return committedDigest(committed);
  const obliged = oblige(Object.fromEntries(args.map((d) => [d.name, d.value])), obligations);
  if (obliged.kind === 'refused') return committedDigest(committed);
  return committedDigest(
    obligeCommitted(
      committed,
      args.map((d) => d.text),
      obliged.args,
    ).committed,
  );
};
