// Playing one run through a plane that is played itself: order, receipts only for permits, patience, and what is given up.
import type { Authorisation, DecisionSummary, IntentHandle, IntentInput, WritClient } from '@writ/client';
import { type Code, refused } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { CliFault } from '../fault.js';
import { type PlayRules, playRun } from './play.js';
import type { PlayedCall } from './played.js';
import type { RecordedCall, RecordedRun } from './transcript.js';

const recorded = (tool: string, outcome: RecordedCall['outcome'] = 'succeeded', step = 0): RecordedCall => ({
  ...{ step, tool, outcome, args: {}, identity: tool, context: 'c' },
});
const runOf = (...calls: readonly RecordedCall[]): RecordedRun => ({
  ...{ index: 0, taskId: 7, trial: 1, truth: new Set(['right']), calls },
});

type Effect = DecisionSummary['effect'];
const decided = (effect: Effect, boundary = 'b'): Authorisation => {
  const decision = {
    effect,
    rule: 'r',
    codes: ['c'],
    boundary: { digest: boundary },
  } as unknown as DecisionSummary;
  const handle = {} as IntentHandle;
  if (effect === 'denied') return { kind: 'denied', code: 'WRIT-ENF-006', reason: '', handle, decision };
  return { kind: effect, handle, decision };
};

/** A client that answers from a list, and writes down what it was asked. */
const clientOf = (answers: readonly Authorisation[], receipts: readonly (Code | 'issued')[] = []) => {
  const heard: string[] = [];
  const [next, nextReceipt] = [answers.values(), receipts.values()];
  const client = {
    authorize: async ({ action }: IntentInput) => {
      heard.push(`ask ${action.resource}`);
      return next.next().value ?? decided('permitted');
    },
    execute: async (_: IntentHandle, fn: (args: object, context: object) => unknown) => {
      const answer = nextReceipt.next().value ?? 'issued';
      if (answer !== 'issued') return refused(answer, '');
      try {
        await fn({}, { effect: () => heard.push('effect') });
        heard.push('succeeded');
      } catch (error) {
        heard.push('failed');
        throw error;
      }
      return { kind: 'executed' };
    },
  };
  return { writ: client as unknown as WritClient, heard };
};

const play = async (writ: WritClient, run: RecordedRun, rules: Partial<PlayRules> = {}) => {
  const calls: PlayedCall[] = [];
  await playRun(writ, run, {
    ...{ boundary: 'b', disclosed: ['clear'], asOf: undefined, signal: new AbortController().signal },
    isConsequential: (tool) => tool !== 'read',
    onCall: (call) => calls.push(call),
    ...rules,
  });
  return calls;
};

describe('playing a run', () => {
  it('asks for each call in recorded order, and takes a receipt for permitted ones only', async () => {
    const { writ, heard } = clientOf([decided('permitted'), decided('denied'), decided('escalated')]);
    const calls = await play(
      writ,
      runOf(recorded('read'), recorded('a'), recorded('b'), recorded('right', 'failed')),
    );
    const asked = ['ask tool:read', 'succeeded', 'ask tool:a', 'ask tool:b', 'ask tool:right', 'failed'];
    expect(heard).toEqual(asked);
    expect(calls.map((c) => [c.verdict, c.correct, c.receiptMs !== undefined])).toEqual([
      ['permitted', null, true],
      ['denied', false, false],
      ['escalated', false, false],
      ['permitted', true, true],
    ]);
  });

  it('reports an effect for a consequential call that succeeded, and nothing where the transcript has no result', async () => {
    const { writ, heard } = clientOf([]);
    await play(writ, runOf(recorded('write'), recorded('write', 'none')));
    expect(heard).toEqual(['ask tool:write', 'effect', 'succeeded', 'ask tool:write']);
  });

  it('asks again after a refusal that time cures, and counts one that never can be decided as denied with its code', async () => {
    const { writ } = clientOf([
      refused('WRIT-FRM-005', ''),
      decided('permitted'),
      refused('WRIT-FRM-002', ''),
    ]);
    const calls = await play(writ, runOf(recorded('read'), recorded('huge')));
    expect(calls.map(({ verdict, codes }) => [verdict, ...codes])).toEqual([
      ['permitted', 'c'],
      ['denied', 'WRIT-FRM-002'],
    ]);
  });

  it('does not send what could never be recorded: it counts as denied with the code of a document too large', async () => {
    const { writ, heard } = clientOf([]);
    const large = (name: string, size: number) => ({
      ...recorded('read'),
      args: { [name]: 'x'.repeat(size) },
    });
    const run = runOf(large('clear', 30_000), large('private', 30_000), large('private', 600_000));
    expect((await play(writ, run)).map(({ codes }) => codes)).toEqual([
      ...[['WRIT-FRM-002'], ['c'], ['WRIT-FRM-002']],
    ]);
    expect(heard).toEqual(['ask tool:read', 'succeeded']);
  });

  it('names the code of a receipt that is withheld', async () => {
    const { writ } = clientOf([], ['WRIT-RCP-015', 'WRIT-RCP-007']);
    expect(await play(writ, runOf(recorded('read')))).toMatchObject([
      { verdict: 'permitted', withheld: 'WRIT-RCP-007' },
    ]);
  });

  it('ends with the refusal when the plane gives no decision, and when another boundary came into force', async () => {
    const run = runOf(recorded('read'));
    await expect(play(clientOf([refused('WRIT-ENF-001', 'halted')]).writ, run)).rejects.toThrow(CliFault);
    await expect(play(clientOf([decided('permitted', 'other')]).writ, run)).rejects.toThrow('WRIT-DEC-005');
  });

  it('stops between two calls when it is told to', async () => {
    const stop = new AbortController();
    const { writ, heard } = clientOf([]);
    const onCall = () => stop.abort();
    await play(writ, runOf(recorded('read'), recorded('read')), { signal: stop.signal, onCall });
    expect(heard).toEqual(['ask tool:read', 'succeeded']);
  });
});
