// The attributes that admission itself reads from a ledger document. Data schemas are judged by `accepts`, not here.
import type { AgentScope, Digest, EventId, Kid, LedgerSeq } from '@writ/contracts';

/** The attributes of a ledger document on which its place and validity depend. */
export type Envelope = {
  readonly id: EventId;
  readonly type: string;
  readonly source: string;
  readonly subject: string;
  readonly kid: Kid;
  readonly seen: LedgerSeq;
  readonly ver?: number;
  readonly prev?: Digest;
  /** `<org>.<project>.<env>.<agent>` of an event about one agent. */
  readonly agent?: AgentScope;
  readonly agentver?: number;
  readonly agentprev?: Digest;
  readonly data: { readonly [name: string]: unknown };
};

type Loose = { readonly [name: string]: unknown };

const isObject = (value: unknown): value is Loose =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isCount = (value: unknown, least: number): boolean =>
  Number.isSafeInteger(value) && (value as number) >= least;
const optional = (value: unknown, test: (v: unknown) => boolean): boolean =>
  value === undefined || test(value);
const isText = (value: unknown): boolean =>
  typeof value === 'string' && value.length > 0 && value.length <= 400;

/** Reads the envelope; `undefined` when an attribute is missing or of another kind. */
export const readEnvelope = (document: unknown): Envelope | undefined => {
  if (!isObject(document) || document['specversion'] !== '1.0' || !isObject(document['data']))
    return undefined;
  const texts = [document['id'], document['type'], document['source'], document['subject'], document['kid']];
  if (!texts.every(isText) || !isCount(document['seen'], 0)) return undefined;
  const counts = [document['ver'], document['agentver']];
  if (!counts.every((value) => optional(value, (v) => isCount(v, 1)))) return undefined;
  const links = [document['prev'], document['agentprev'], document['agent']];
  return links.every((value) => optional(value, isText)) ? (document as unknown as Envelope) : undefined;
};
