// What each question asks for: which messages belong into a bundle, which heads show that none is missing. Pure.
import {
  type BundleQuery,
  environmentOf,
  Families,
  type LedgerSeq,
  subjects,
  type Token,
} from '@writ/contracts';
import type { TreeHash } from '@writ/crypto';
import type { Part } from '../partial/scope.js';
import { drawSample } from './draw.js';

/** The tree that a question is about. */
export type Asked = { readonly org: Token; readonly size: number; readonly root: TreeHash };

/** A message as far as a question looks at it. `correlation`: that of its document, when it is one. */
export type Candidate = {
  readonly seq: LedgerSeq;
  readonly subject: string;
  readonly agent: string | undefined;
  readonly correlation: string | undefined;
};

/** A question that was put to one tree. */
export type Question = {
  /** Whether the message is asked for; `related`: only when it belongs to one that was drawn. */
  belongs(candidate: Candidate): 'yes' | 'related' | 'no';
  /** The sequences that must be there whatever the heads say. */
  readonly drawn: ReadonlySet<LedgerSeq>;
  readonly range: { readonly from: LedgerSeq; readonly to: LedgerSeq } | undefined;
  /** The names of the heads that must be shown. */
  readonly heads: readonly string[];
};

const registryOf = (org: Token): string => subjects.ledger('registry', org);

/** The subjects of the environment of an agent. */
const around = (agent: string): readonly string[] =>
  Families.filter((family) => family !== 'registry').map((family) =>
    subjects.ledger(family, environmentOf(agent)),
  );

const nothing: ReadonlySet<LedgerSeq> = new Set();

const askAgent = (agent: string, registry: string, registryHead: string): Question => {
  const rest = new Set(around(agent));
  return {
    belongs: ({ subject, agent: named }) => {
      const own = named === agent || (named === undefined && rest.has(subject));
      return subject === registry || own ? 'yes' : 'no';
    },
    drawn: nothing,
    range: undefined,
    heads: [registryHead, `agent ${agent}`, ...[...rest].map((subject) => `rest ${subject}`)],
  };
};

/** Puts a question other than `full` to a tree. */
export const ask = (query: Exclude<BundleQuery, { kind: 'full' }>, { org, size, root }: Asked): Question => {
  const registry = registryOf(org);
  const heads = [`subject ${registry}`];
  switch (query.kind) {
    case 'range': {
      const { from, to } = query;
      const belongs = ({ seq, subject }: Candidate) =>
        subject === registry || (seq >= from && seq <= to) ? 'yes' : 'no';
      return { belongs, drawn: nothing, range: { from, to }, heads };
    }
    case 'subject':
      return askAgent(query.agent, registry, `subject ${registry}`);
    case 'sample': {
      const drawn = drawSample(root, query.count, size);
      const belongs = ({ seq, subject }: Candidate) => {
        if (subject === registry || drawn.has(seq)) return 'yes';
        return query.intents ? 'related' : 'no';
      };
      return { belongs, drawn, range: undefined, heads };
    }
  }
};

/** What an audit of such a bundle can conclude. */
export const partOf = (kind: 'range' | 'subject' | 'sample', org: Token): Part => {
  const registry = registryOf(org);
  return {
    whole: (subject) => subject === registry,
    bridges: kind === 'range' ? 'first' : 'any',
    agents: kind === 'subject' ? 'whole' : 'bridged',
    judges: (family) => kind !== 'sample' || family === 'registry',
    softens: kind !== 'subject',
  };
};

/** What such a bundle does not show, in words. */
export const notShownBy = (kind: BundleQuery['kind']): readonly string[] => {
  switch (kind) {
    case 'full':
      return [];
    case 'range':
      return ['authority is undetermined outside of the range: what it rests on may lie before it'];
    case 'subject':
      return ['only this agent: receipts of other agents are not here'];
    case 'sample':
      return [
        'completeness NOT proven: a sample shows that what is here is in the ledger, not that it is all',
      ];
  }
};
