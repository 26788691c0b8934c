// Questions about the sealed ledger: checkpoints and proofs. A proof is checked by whoever asked for it, never here.
import { hashText, readCheckpoint, readNote, type TreeHash } from '@writ/crypto';
import {
  type ProvedHead,
  proveAgentHead,
  RuntimeFault,
  type SealReader,
  type StoredCheckpoint,
} from '@writ/runtime';
import type { z } from 'zod';
import { ApiRefusal } from './answer.js';
import * as inputs from './inputs.js';
import * as outputs from './outputs.js';
import { type Route, type RouteContext, route } from './route.js';

const json = (schema: z.ZodType) => ({ schema, contentType: 'application/json' });

const sealsOf = ({ seals }: RouteContext): SealReader => {
  if (seals === undefined)
    throw new ApiRefusal(404, 'this read model does not reach the sealed tree', 'WRIT-SEA-009');
  return seals;
};

/** What is not sealed, or not kept, is not there. */
const orMissing = async <T>(answer: Promise<T>): Promise<T> => {
  try {
    return await answer;
  } catch (error) {
    if (!(error instanceof RuntimeFault)) throw error;
    throw new ApiRefusal(404, error.reason, error.code);
  }
};

const latestOf = async (seals: SealReader): Promise<StoredCheckpoint> => {
  const latest = await seals.latest();
  if (latest === undefined) throw new ApiRefusal(404, 'no checkpoint has been signed', 'WRIT-SEA-009');
  return latest;
};

const atMost = async (seals: SealReader, size: number | undefined): Promise<number> => {
  const latest = await latestOf(seals);
  if (size !== undefined && size > latest.size)
    throw new ApiRefusal(404, `the last checkpoint has size ${latest.size}`, 'WRIT-SEA-009');
  return size ?? latest.size;
};

const viewOf = ({ size, note, cosigned }: StoredCheckpoint) => {
  const checkpoint = readCheckpoint(readNote(note)?.text ?? '');
  return { size, root: checkpoint === undefined ? '' : hashText(checkpoint.root), note: cosigned ?? note };
};

const texts = (hashes: readonly TreeHash[]): readonly string[] => hashes.map(hashText);

const checkpoint = route({
  path: '/v1/checkpoint',
  summary: 'The last signed checkpoint, and the last one that enough witnesses have cosigned',
  params: inputs.NoPath,
  query: inputs.NoQuery,
  mayMiss: true,
  response: json(outputs.CheckpointView),
  answer: async (context) => {
    const seals = sealsOf(context);
    const latest = await latestOf(seals);
    const witnessed = await seals.latestCosigned();
    return { latest: viewOf(latest), witnessed: witnessed === undefined ? null : viewOf(witnessed) };
  },
});

const inclusion = route({
  path: '/v1/proof/inclusion',
  summary: 'That a message is in the tree of a size (the last checkpoint unless given): RFC 9162 audit path',
  params: inputs.NoPath,
  query: inputs.InclusionQuery,
  mayMiss: true,
  response: json(outputs.InclusionView),
  answer: async (context, { query: { seq, size } }) => {
    const seals = sealsOf(context);
    const of = await atMost(seals, size);
    return { seq, size: of, proof: texts(await orMissing(seals.inclusion(seq, of))) };
  },
});

const consistency = route({
  path: '/v1/proof/consistency',
  summary: 'That the tree of one size is a prefix of that of another (the last checkpoint unless given)',
  params: inputs.NoPath,
  query: inputs.ConsistencyQuery,
  mayMiss: true,
  response: json(outputs.ConsistencyView),
  answer: async (context, { query: { from, to } }) => {
    const seals = sealsOf(context);
    const of = await atMost(seals, to);
    return { from, to: of, proof: texts(await orMissing(seals.consistency(from, of))) };
  },
});

const provedView = (head: ProvedHead | undefined) =>
  head === undefined ? null : { leaf: head.leaf, index: head.index, proof: texts(head.proof) };

const heads = route({
  path: '/v1/heads',
  summary:
    'How many messages name an agent, and their running digest, under the heads of a checkpoint; or that none does',
  params: inputs.NoPath,
  query: inputs.HeadsQuery,
  mayMiss: true,
  response: json(outputs.HeadsView),
  answer: async (context, { query: { agent, size } }) => {
    const seals = sealsOf(context);
    const of = await atMost(seals, size);
    const { root, leaves, found, before, after } = await proveAgentHead(
      await orMissing(seals.heads(of)),
      agent,
    );
    return {
      ...{ agent, size: of, root: hashText(root), leaves },
      found: provedView(found),
      before: provedView(before),
      after: provedView(after),
    };
  },
});

/** The routes that are answered from the sealer's state. */
export const sealedRoutes: readonly Route[] = [checkpoint, inclusion, consistency, heads];
