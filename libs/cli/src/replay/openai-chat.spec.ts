// Reading runs in OpenAI chat form: what is read, what is refused and where, and what is never mixed up.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readOpenAiChat } from './openai-chat.js';
import { malformedText, type RecordedRun } from './transcript.js';

const call = (name: string, args: string, id = 'call_x') => ({
  id,
  type: 'function',
  function: { name, arguments: args },
});
const asks = (...calls: readonly unknown[]) => ({ role: 'assistant', content: null, tool_calls: calls });
const says = (content: unknown, id = 'call_x') => ({ role: 'tool', tool_call_id: id, content });

const runsOf = (...runs: readonly unknown[]): readonly RecordedRun[] => {
  const read = readOpenAiChat(JSON.stringify(runs));
  if (read.kind === 'malformed') throw new Error(malformedText('runs.json', read));
  return read.runs;
};
const only = (messages: readonly unknown[], more: object = {}): RecordedRun =>
  runsOf({ messages, ...more })[0] as RecordedRun;
const refusal = (text: string): string => {
  const read = readOpenAiChat(text);
  return read.kind === 'malformed' ? malformedText('runs.json', read) : 'read';
};
const refusalOf = (...messages: readonly unknown[]) =>
  refusal(JSON.stringify([{ messages: [] }, { messages }]));

describe('the reader of OpenAI chat runs', () => {
  it('keeps the order of calls and answers each by what stands directly behind it, though all ids are the same', () => {
    const turn = fc.record({
      name: fc.stringMatching(/^[a-z_]{1,12}$/),
      failed: fc.boolean(),
      talk: fc.nat(2),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        const messages = turns.flatMap(({ name, failed, talk }, n) => [
          ...Array.from({ length: talk }, () => ({ role: 'user', content: 'Error: not a result' })),
          asks(call(name, JSON.stringify({ n }))),
          says(failed ? 'Error: no' : '{}'),
        ]);
        const { calls } = only(messages);
        expect(calls.map(({ step, tool, args, outcome }) => [step, tool, args, outcome])).toEqual(
          turns.map(({ name, failed }, n) => [n, name, { n }, failed ? 'failed' : 'succeeded']),
        );
      }),
    );
  });

  it('answers parallel calls by id, in whatever order the results come, and by position when ids are no help', () => {
    const ids = fc.uniqueArray(fc.stringMatching(/^[a-z]{3}$/), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(
        ids.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
        ([all, shuffled]) => {
          const asked = asks(...all.map((id) => call('look', JSON.stringify({ id }), id)));
          const answers = shuffled.map((id) => says(id < 'n' ? 'Error' : 'ok', id));
          const expected = all.map((id) => (id < 'n' ? 'failed' : 'succeeded'));
          expect(only([asked, ...answers]).calls.map(({ outcome }) => outcome)).toEqual(expected);
        },
      ),
    );
    const same = [asks(call('a', '{}'), call('b', '{}')), says('ok'), says('Error')];
    expect(only(same).calls.map(({ outcome }) => outcome)).toEqual(['succeeded', 'failed']);
  });

  it('says so when the transcript holds no result', () => {
    expect(only([asks(call('look', '')), { role: 'user', content: 'hello' }]).calls).toMatchObject([
      { tool: 'look', args: {}, outcome: 'none' },
    ]);
  });

  it('writes numbers that are not safe integers as decimal strings, and counts lists beside them', () => {
    const args = '{"price":12.50,"big":1e21,"tiny":-2.5e-7,"five":5.0,"zero":-0,"bags":[1,0.5]}';
    expect(only([asks(call('pay', args))]).calls[0]?.args).toEqual({
      ...{ price: '12.5', big: '1000000000000000000000', tiny: '-0.00000025', five: 5, zero: 0 },
      ...{ bags: [1, '0.5'], bags_count: 2 },
    });
    expect(only([asks(call('pay', '{"bags":[1,2],"bags_count":7}'))]).calls[0]?.args).toMatchObject({
      bags_count: 7,
    });
  });

  it('knows a right call by name and arguments: order of names and 5.0 do not matter, order in lists and text do', () => {
    const truth = { ground_truth_actions: [{ name: 'pay', kwargs: { amount: 5, to: ['a', 'b'] } }] };
    const isRight = (args: string): boolean => {
      const { truth: right, calls } = only([asks(call('pay', args))], truth);
      return right?.has(calls[0]?.identity ?? '') ?? false;
    };
    expect(isRight('{"to":["a","b"],"amount":5.0}')).toBe(true);
    expect(isRight('{"to":["b","a"],"amount":5}')).toBe(false);
    expect(isRight('{"to":["a","b"],"amount":"5"}')).toBe(false);
    expect(isRight('{"to":["a","b"],"amount":5,"note":null}')).toBe(false);
    expect(only([]).truth).toBeUndefined();
  });

  it('refuses what is malformed with file, run and place', () => {
    expect(refusal('[{')).toBe('runs.json: not JSON');
    expect(refusal('{}')).toBe('runs.json: not an array of runs');
    expect(refusal('[1]')).toBe('runs.json: run 0: not an object');
    expect(refusal('[{"messages":{}}]')).toBe('runs.json: run 0, messages: not an array');
    expect(refusal('[{"messages":[],"task_id":1.5}]')).toMatch(/run 0, task_id/);
    expect(refusal('[{"messages":[],"ground_truth_actions":[{"name":"x"}]}]')).toMatch(
      /ground_truth_actions\[0\]/,
    );
    expect(refusalOf({ role: 'oracle' })).toMatch(/^runs\.json: run 1, messages\[0\]: role/);
    expect(refusalOf({ role: 'user' }, says('ok'))).toMatch(
      /messages\[1\]: a tool message that answers no call/,
    );
    expect(refusalOf({ role: 'user', tool_calls: [call('a', '{}')] })).toMatch(/only an assistant/);
    expect(refusalOf({ role: 'assistant', function_call: { name: 'a', arguments: '{}' } })).toMatch(
      /function_call/,
    );
    const at = /run 1, messages\[0\]\.tool_calls\[0\]: /;
    const bad = [{}, call('a b', '{}'), call('a', '[]'), call('a', '{"x":'), call('a', '{"_sd":[]}')];
    for (const one of [...bad, call('a', '{"x":1e999}'), call('a', '{"x":"\\ud800"}')]) {
      expect(refusalOf(asks(one))).toMatch(at);
    }
  });

  it('is total: whatever JSON it is given, it reads it or says what is wrong, and never repeats what was said', () => {
    const secret = 'correct horse battery staple';
    const json = fc.jsonValue().map((value) => [{ messages: [{ role: 'user', content: secret }, value] }]);
    fc.assert(
      fc.property(fc.oneof(json, fc.jsonValue()), (value) => {
        const read = readOpenAiChat(JSON.stringify(value));
        if (read.kind === 'malformed') expect(malformedText('f', read)).not.toContain(secret);
        else expect(Array.isArray(value)).toBe(true);
      }),
    );
  });
});
