// Group commit on one subject: what queues while an append is under way goes as one batch. Never two in flight.
import { systemClock } from '../clock.js';
import type { LedgerItem, WriteRefusal } from '../event.js';
import { createAnswers } from './answers.js';
import { createCommands } from './command.js';
import { commitBatch } from './commit.js';
import { decideBatch } from './decide-batch.js';
import { type Core, land, noteBad } from './landing.js';
import type { SubmitDone, SubmitRequest, Writer, WriterOptions } from './types.js';
import { createView, observe } from './view.js';

const createCore = <S>(options: WriterOptions<S>): Core<S> => {
  const tip = options.follower.tip(options.subject);
  return {
    options,
    clock: options.clock ?? systemClock,
    view: createView(options.fold.initial, tip),
    answers: createAnswers(tip.last),
    queue: [],
    observed: [],
    busy: false,
  };
};

const seqOf = (item: LedgerItem): number => (item.kind === 'event' ? item.event.seq : item.junk.seq);

const onJudged = <S>(core: Core<S>, item: LedgerItem): void => {
  const { view, options } = core;
  if (core.busy) core.observed.push(item);
  if (view.own[0]?.seq === seqOf(item)) noteBad(core, seqOf(item), item);
  observe(view, item, options.follower.tip(options.subject).chain, options.fold.evolve, core.busy);
  core.answers.advance(view.confirmed.last);
};

const runOnce = async <S>(core: Core<S>): Promise<void> => {
  core.busy = true;
  core.observed = [];
  try {
    const batch = decideBatch(core.options, core.view.tip, core.queue, core.clock.now());
    if (batch.sealed.length === 0) land(core, batch, []);
    else await commitBatch(core, batch);
  } finally {
    core.busy = false;
    if (core.view.own.length === 0) core.view.tip = core.view.confirmed;
  }
};

const refusal = (code: 'WRIT-LED-009' | 'WRIT-LED-011', reason: string): WriteRefusal => ({
  kind: 'refused',
  code,
  reason,
});

/**
 * Creates the writer of one subject. Create it synchronously with reading `fold.initial`: it folds on from
 * `follower.position()`. Two writers on one subject, in one process or several, do no harm: the expectation orders them.
 */
export const createWriter = <S>(options: WriterOptions<S>): Writer<S> => {
  const core = createCore(options);
  const commands = createCommands<S>(core.clock);
  const unwatch = options.follower.watch(options.subject, (item) => onJudged(core, item));
  let running: Promise<void> | undefined;
  let closing = false;
  const run = async (): Promise<void> => {
    await undefined;
    try {
      while (core.queue.length > 0) await runOnce(core);
    } catch (error) {
      for (const command of [...commands.waiting]) command.fail(error);
      core.queue.length = 0;
    }
    running = undefined;
  };
  const submit = async (request: SubmitRequest<S, unknown>): Promise<SubmitDone<unknown> | WriteRefusal> => {
    if (closing) return refusal('WRIT-LED-011', 'the writer is closed');
    if (commands.waiting.size >= (options.maxQueue ?? 10_000))
      return refusal('WRIT-LED-009', 'the queue is full');
    const { command, answer } = commands.open(request);
    core.queue.push(command);
    running ??= run();
    return answer;
  };
  return {
    submit: submit as Writer<S>['submit'],
    state: () => core.view.tip.state,
    close: async () => {
      closing = true;
      while (commands.waiting.size > 0) await core.clock.sleep(5);
      await running;
      unwatch();
    },
  };
};
