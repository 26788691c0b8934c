// Owns whether the services of this installation run and are ready, by their run files and /readyz. It starts and stops nothing.
import { type ServiceName, Services } from '@writ/contracts';
import { readRunFile } from '../home.js';

/** A service as it stands. `failing`: the checks that do not hold. */
export type ServiceFacts = {
  readonly name: ServiceName;
  readonly state: 'ready' | 'not-ready' | 'not-answering' | 'not-running';
  readonly pid: number | null;
  readonly port: number | null;
  readonly failing: readonly string[];
};

type RunFile = { readonly pid?: unknown; readonly httpPort?: unknown };
type Readiness = { readonly ready: boolean; readonly checks: Readonly<Record<string, boolean>> };

const READY_MS = 1_500;

/** Asks every service at once. Never rejects. */
export function serviceStates(home: string): Promise<readonly ServiceFacts[]> {
  return Promise.all(Services.map((name) => stateOf(home, name)));
}

async function stateOf(home: string, name: ServiceName): Promise<ServiceFacts> {
  const file = readRunFile<RunFile>(home, name);
  const [pid, port] = [file?.pid, file?.httpPort].map((n) => (typeof n === 'number' ? n : null));
  const facts = { name, pid: pid ?? null, port: port ?? null, failing: [] };
  if (facts.port === null) return { ...facts, state: 'not-running' };
  const readiness = await askReadiness(facts.port);
  if (readiness === undefined) return { ...facts, state: 'not-answering' };
  const failing = Object.entries(readiness.checks).flatMap(([check, holds]) => (holds ? [] : [check]));
  return { ...facts, state: readiness.ready ? 'ready' : 'not-ready', failing };
}

async function askReadiness(port: number): Promise<Readiness | undefined> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}/readyz`, {
      signal: AbortSignal.timeout(READY_MS),
    });
    const { ready, checks } = (await response.json()) as Partial<Readiness>;
    return { ready: ready === true, checks: checks ?? {} };
  } catch {
    return undefined;
  }
}
