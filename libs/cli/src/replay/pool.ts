// Owns how runs are spread: over agents, and over the few that work at once. The order within a run, and of the runs of an agent, stays.
import type { AgentScope, EnvironmentScope } from '@writ/contracts';
import type { RecordedRun } from './transcript.js';

/** An agent and the runs that are its own, in the order of the file. */
export type Share = { readonly agent: AgentScope; readonly runs: readonly RecordedRun[] };

/** Deals runs to `agents` agents of the environment, in turn. */
export function dealRuns(
  runs: readonly RecordedRun[],
  agents: number,
  environment: EnvironmentScope,
): readonly Share[] {
  const count = Math.min(agents, runs.length);
  return Array.from({ length: count }, (_, n) => ({
    agent: `${environment}.agent-${String(n + 1).padStart(String(count).length, '0')}`,
    runs: runs.filter((_, index) => index % count === n),
  }));
}

/** Works through a list, at most `most` at once, begun in order. The first failure ends it, after what was begun has ended. */
export async function workThrough<T>(
  items: readonly T[],
  most: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values();
  const failures: unknown[] = [];
  const worker = async (): Promise<void> => {
    for (const item of queue) {
      if (failures.length > 0) return;
      try {
        await work(item);
      } catch (error) {
        failures.push(error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, items.length) }, worker));
  if (failures.length > 0) throw failures[0];
}
