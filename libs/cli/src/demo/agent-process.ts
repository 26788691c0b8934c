// The sample's agent as its parent sees it: a process of its own that tells what it does and takes no orders.
import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { installPaths } from '@writ/runtime';
import type { AgentNews } from './agent.js';
import { Sample } from './names.js';
import { type Stage, until } from './stage.js';
import type { Mark } from './timeline.js';

type NewsOf<K extends AgentNews['kind']> = Extract<AgentNews, { kind: K }>;

export type AgentProcess = {
  readonly news: readonly AgentNews[];
  /** The first news of a kind after the first `from` ones. */
  readonly next: <K extends AgentNews['kind']>(kind: K, from?: number) => Promise<NewsOf<K>>;
  readonly ended: () => Promise<void>;
};

const describe = (news: AgentNews): readonly [Mark, string] => {
  switch (news.kind) {
    case 'connected':
      return ['agent', 'connected with its own keys; holds a database connection that could drop everything'];
    case 'asking':
      return ['agent', `wants to ${news.task}`];
    case 'escalated':
      return ['writ', `held at a gate: ${news.task} waits for a person`];
    case 'done':
      return ['agent', `did it: ${news.task} (${news.count} rows, receipt by ${news.via})`];
    case 'refused':
      return ['writ', `refused to ${news.task}: ${news.code}`];
    case 'halted':
      return ['agent', `stopped on sight; hands over where it stands (task ${news.at + 1})`];
    case 'resumed':
      return ['agent', `got its state back and goes on from task ${news.at + 1}`];
    case 'finished':
      return ['agent', 'finished its work list'];
  }
};

const forkAgent = (stage: Stage): ChildProcess =>
  fork(
    fileURLToPath(new URL('./agent.js', import.meta.url)),
    [installPaths(stage.home).agentDir(Sample.agent)],
    {
      env: {
        ...process.env,
        WRIT_NATS_URL: stage.plane.servers.natsUrl,
        SAMPLE_DATABASE_URL: stage.productionUrl,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );

/** Starts the agent and writes its news into the timeline. */
export const startAgent = (stage: Stage): AgentProcess => {
  const child = forkAgent(stage);
  const news: AgentNews[] = [];
  child.on('message', (message) => {
    news.push(message as AgentNews);
    stage.timeline.line(...describe(message as AgentNews));
  });
  return {
    news,
    next: (kind, from = 0) =>
      until(`the agent: ${kind}`, () =>
        news.slice(from).find((n): n is NewsOf<typeof kind> => n.kind === kind),
      ),
    ended: () =>
      new Promise((resolve) => (child.exitCode === null ? child.once('exit', () => resolve()) : resolve())),
  };
};
