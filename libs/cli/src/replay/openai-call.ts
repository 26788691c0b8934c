// Owns reading one tool call of an OpenAI chat message, and what its tool message says came of it.
import type { Digest, JsonObject, JsonValue } from '@writ/contracts';
import type { Malformed, RecordedCall } from './transcript.js';
import { committable, comparable } from './values.js';

type Fields = Readonly<Record<string, unknown>>;

/** Where a call stands, and the tool message that answers it. */
export type CallSite = {
  readonly step: number;
  readonly context: Digest;
  readonly answer: Fields | undefined;
};

/** Function names as OpenAI allows them; they become tool, operation and resource of the intent. */
const NAME = /^[A-Za-z0-9_.-]{1,64}$/;
/** Names that mean something else in a committed object (RFC 9901). */
const RESERVED: readonly string[] = ['_sd', '...'];

const wrong = (reason: string): Malformed => ({ kind: 'malformed', reason });

/** Reads one call, or says what is wrong with it. */
export function readCall(call: unknown, { step, context, answer }: CallSite): RecordedCall | Malformed {
  const named = functionOf(call);
  if (named === undefined) return wrong('not {function: {name, arguments}}');
  if (!NAME.test(named.name)) return wrong('the name is not 1-64 of A-Z a-z 0-9 _ . -');
  const given = argumentsOf(named.text);
  if (given === undefined) return wrong('arguments is not the JSON text of an object');
  if (RESERVED.some((name) => Object.hasOwn(given, name))) return wrong('an argument has a reserved name');
  const made = committable(given);
  if (!made.ok) return wrong(`arguments: ${made.reason}`);
  return {
    ...{ step, context, tool: named.name, outcome: outcomeOf(answer) },
    args: withCounts(made.value as JsonObject),
    identity: comparable([named.name, given]),
  };
}

function functionOf(call: unknown): { readonly name: string; readonly text: string } | undefined {
  const { name, arguments: text } = ((call as { function?: unknown } | null)?.function ?? {}) as Fields;
  return typeof name === 'string' && typeof text === 'string' ? { name, text } : undefined;
}

/** No text at all is how some models call a tool without arguments. */
function argumentsOf(text: string): Fields | undefined {
  try {
    const value: unknown = text.trim() === '' ? {} : JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Fields)
      : undefined;
  } catch {
    return undefined;
  }
}

/** `<name>_count` beside every list, so that a rule can count what stays private; a recorded argument of that name wins. */
function withCounts(args: JsonObject): JsonObject {
  const counts = Object.entries(args).flatMap(([name, value]): [string, JsonValue][] =>
    Array.isArray(value) ? [[`${name}_count`, value.length]] : [],
  );
  return { ...Object.fromEntries(counts), ...args };
}

/** A tool message that begins with `Error` says that the call failed. */
function outcomeOf(answer: Fields | undefined): RecordedCall['outcome'] {
  if (answer === undefined) return 'none';
  return textOf(answer['content']).startsWith('Error') ? 'failed' : 'succeeded';
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content
    .map((part: { text?: unknown } | null) => (typeof part?.text === 'string' ? part.text : ''))
    .join('');
}
