// A full read of a ledger before something is exported from it: tree, heads, and which messages a question asks for.
import {
  agentNamedIn,
  createHeads,
  type JsonObject,
  ledgerLeafHash,
  parseCanonical,
  type RunningHeads,
  readFrame,
} from '@writ/crypto';
import type { StoredMessage } from '../message.js';
import { createMemoryTree, type MemoryTree } from './memory-tree.js';
import type { Candidate, Question } from './query.js';

/** What a full read found. `selected`: the sequences to export, in order. */
export type Survey = {
  readonly tree: MemoryTree;
  readonly heads: RunningHeads;
  readonly selected: readonly number[];
  readonly genesis: Uint8Array | undefined;
};

/** A ledger that can be read more than once, from its first message to where it ends as of now. */
export type Readable = () => AsyncIterable<StoredMessage>;

/** The document of a message, when its bytes are shaped like a frame with one; nothing is verified. */
export const documentIn = ({ bytes }: Pick<StoredMessage, 'bytes'>): JsonObject | undefined => {
  const read = readFrame(bytes);
  const parsed = read.ok ? parseCanonical(read.frame.document) : undefined;
  const value = parsed?.ok === true ? parsed.value : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as JsonObject)
    : undefined;
};

const candidate = (message: StoredMessage): Candidate => {
  const { seq, subject } = message;
  const document = documentIn(message);
  const correlation = document?.['correlationid'];
  return {
    seq,
    subject,
    agent: document === undefined ? undefined : agentNamedIn(document, subject),
    correlation: typeof correlation === 'string' ? correlation : undefined,
  };
};

const withRelated = async (
  messages: Readable,
  size: number,
  question: Question,
  correlations: ReadonlySet<string>,
): Promise<readonly number[]> => {
  const selected: number[] = [];
  for await (const message of messages()) {
    if (message.seq > size) break;
    const at = candidate(message);
    const belongs = question.belongs(at);
    const related = belongs === 'related' && at.correlation !== undefined && correlations.has(at.correlation);
    if (belongs === 'yes' || related) selected.push(at.seq);
  }
  return selected;
};

/** Reads messages 1 to `size` (all, without a question) and selects what the question asks for. */
export const survey = async (
  messages: Readable,
  size: number | undefined,
  question: Question | undefined,
): Promise<Survey> => {
  const tree = createMemoryTree();
  const heads = createHeads();
  const selected: number[] = [];
  const correlations = new Set<string>();
  let open = false;
  let genesis: Uint8Array | undefined;
  for await (const message of messages()) {
    if (size !== undefined && message.seq > size) break;
    if (message.seq === 1) genesis = message.bytes;
    const leaf = ledgerLeafHash(message);
    tree.append(leaf);
    if (question === undefined) {
      selected.push(message.seq);
      continue;
    }
    const at = candidate(message);
    heads.take(at.subject, at.agent, at.seq, leaf);
    const belongs = question.belongs(at);
    if (belongs === 'yes') selected.push(at.seq);
    if (belongs === 'related') open = true;
    if (question.drawn.has(at.seq) && at.correlation !== undefined) correlations.add(at.correlation);
  }
  const more = open && question !== undefined && size !== undefined;
  const all = more ? await withRelated(messages, size, question, correlations) : selected;
  return { tree, heads, selected: all, genesis };
};
