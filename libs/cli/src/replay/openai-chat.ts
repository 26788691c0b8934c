// Owns reading runs in OpenAI chat form: assistant `tool_calls`, answered by the tool messages right behind. It sends nothing.
import type { Digest } from '@writ/contracts';
import { sha256 } from '@writ/crypto';
import { type CallSite, readCall } from './openai-call.js';
import type { Malformed, RecordedCall, RecordedRun, Transcripts } from './transcript.js';
import { comparable } from './values.js';

type Fields = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const wrong = (reason: string, at?: string): Malformed => ({ kind: 'malformed', reason, at });

/**
 * Reads a JSON array of runs `{messages, task_id?, trial?, ground_truth_actions?}`. Guarantees: calls in recorded order; the k
 * calls of an assistant message are answered by the tool messages directly behind it, by id where the ids of that message are
 * distinct and otherwise by position (ids repeat between messages and are never looked for further away). Total: anything else is
 * `malformed` with run and place; the reason never holds recorded text.
 */
export function readOpenAiChat(text: string): Transcripts | Malformed {
  const parsed = parse(text);
  if (parsed === undefined) return wrong('not JSON');
  if (!Array.isArray(parsed)) return wrong('not an array of runs');
  const runs: RecordedRun[] = [];
  for (const [index, value] of parsed.entries()) {
    const run = readRun(value, index);
    if ('kind' in run) return { ...run, run: index };
    runs.push(run);
  }
  return { kind: 'transcripts', runs };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function readRun(value: unknown, index: number): RecordedRun | Malformed {
  if (!isObject(value)) return wrong('not an object');
  const { messages, task_id: taskId = index, trial = 0, ground_truth_actions: actions } = value;
  if (typeof taskId !== 'string' && !Number.isSafeInteger(taskId))
    return wrong('neither text nor integer', 'task_id');
  if (!Number.isSafeInteger(trial)) return wrong('not an integer', 'trial');
  const truth = actions === undefined ? undefined : readTruth(actions);
  if (truth !== undefined && 'kind' in truth) return truth;
  if (!Array.isArray(messages)) return wrong('not an array', 'messages');
  const calls = readMessages(messages);
  if ('kind' in calls) return calls;
  return { index, taskId: taskId as string | number, trial: trial as number, truth, calls };
}

function readTruth(actions: unknown): ReadonlySet<string> | Malformed {
  const at = 'ground_truth_actions';
  if (!Array.isArray(actions)) return wrong('not an array', at);
  const right = new Set<string>();
  for (const [n, action] of actions.entries()) {
    if (!isObject(action) || typeof action['name'] !== 'string' || !isObject(action['kwargs'])) {
      return wrong('not {name, kwargs}', `${at}[${n}]`);
    }
    right.add(comparable([action['name'], action['kwargs']]));
  }
  return right;
}

/** Walks the messages once: an assistant message with calls takes the tool messages behind it. */
function readMessages(messages: readonly unknown[]): readonly RecordedCall[] | Malformed {
  const calls: RecordedCall[] = [];
  let context: Digest = sha256('');
  for (let n = 0; n < messages.length; ) {
    const message = messages[n];
    const fault = problemOf(message);
    if (fault !== undefined) return wrong(fault, `messages[${n}]`);
    const made = callsOf(message as Fields);
    const answers = made.length === 0 ? [] : toolMessages(messages, n + 1, made.length);
    for (const [i, call] of made.entries()) {
      const site: CallSite = { step: calls.length, context, answer: answerTo(made, answers, i) };
      const read = readCall(call, site);
      if ('kind' in read) return wrong(read.reason, `messages[${n}].tool_calls[${i}]`);
      calls.push(read);
    }
    const next = n + 1 + answers.length;
    for (; n < next; n += 1) context = sha256(`${context}${JSON.stringify(messages[n])}`);
  }
  return calls;
}

const ROLES: readonly unknown[] = ['system', 'developer', 'user', 'assistant', 'tool'];

function problemOf(message: unknown): string | undefined {
  if (!isObject(message)) return 'not an object';
  const { role, tool_calls: calls, function_call: old } = message;
  if (!ROLES.includes(role)) return 'role is none of system, developer, user, assistant, tool';
  if (role === 'tool') return 'a tool message that answers no call';
  if (old !== undefined && old !== null) return 'function_call is not read; tool_calls is';
  if (calls === undefined || calls === null) return undefined;
  if (!Array.isArray(calls)) return 'tool_calls is not an array';
  return role === 'assistant' || calls.length === 0 ? undefined : 'only an assistant calls tools';
}

const callsOf = (message: Fields): readonly unknown[] =>
  (message['tool_calls'] as readonly unknown[] | null) ?? [];

function toolMessages(messages: readonly unknown[], from: number, most: number): readonly Fields[] {
  const found: Fields[] = [];
  for (const message of messages.slice(from, from + most)) {
    if (!isObject(message) || message['role'] !== 'tool') break;
    found.push(message);
  }
  return found;
}

function answerTo(calls: readonly unknown[], answers: readonly Fields[], i: number): Fields | undefined {
  const ids = calls.map((call) => (isObject(call) ? call['id'] : undefined));
  const byId = answers.filter((answer) => answer['tool_call_id'] === ids[i]);
  const distinct = new Set(ids).size === ids.length && answers.every((a) => ids.includes(a['tool_call_id']));
  return distinct && ids[i] !== undefined ? byId[0] : answers[i];
}
