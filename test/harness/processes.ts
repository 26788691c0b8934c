// The service processes of a plane: crash them, freeze them, ask them. Ends nothing by name, only by the pid it was told.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunningPlane } from '@writ/cli';
import type { ServiceName } from '@writ/contracts';
import type { HomePaths } from '@writ/runtime';
import { apiToken, secretFiles } from '@writ/service-read-model';

type Supervisor = RunningPlane['supervisor'];

export interface Processes {
  pids(): ReadonlyMap<ServiceName, number>;
  /** SIGKILL; resolves when the supervisor has the service ready again as another process. */
  kill(service: ServiceName): Promise<void>;
  /** SIGSTOP: the process hangs, its connections stay. */
  pause(service: ServiceName): void;
  /** SIGCONT. */
  resume(service: ServiceName): void;
  /** All refusals that a service has counted, by code. */
  refusals(service: ServiceName): Promise<Readonly<Record<string, number>>>;
  /** An answer of the read model's API. */
  api(path: string): Promise<unknown>;
}

const logTail = ({ runDir }: HomePaths, service: ServiceName): string =>
  readFileSync(join(runDir, `${service}.log`), 'utf8').slice(-1500);

export const processesOf = (supervisor: Supervisor, paths: HomePaths): Processes => {
  const pidOf = (service: ServiceName): number => supervisor.pids().get(service) ?? 0;
  const portOf = (service: ServiceName): number =>
    (JSON.parse(readFileSync(paths.runFile(service), 'utf8')) as { readonly httpPort: number }).httpPort;
  const get = async (service: ServiceName, path: string, headers: Record<string, string> = {}) =>
    fetch(`http://127.0.0.1:${portOf(service)}${path}`, { headers });
  return {
    pids: supervisor.pids,
    kill: async (service) => {
      const before = pidOf(service);
      process.kill(before, 'SIGKILL');
      while (pidOf(service) === before) await new Promise((resolve) => setTimeout(resolve, 10));
      await supervisor.ready(service).catch((error: Error) => {
        throw new Error(`${error.message}\n${logTail(paths, service)}`);
      });
    },
    pause: (service) => void process.kill(pidOf(service), 'SIGSTOP'),
    resume: (service) => void process.kill(pidOf(service), 'SIGCONT'),
    refusals: async (service) => {
      const text = await (await get(service, '/metrics')).text();
      const counted = [...text.matchAll(/^writ_refused_total\{([^}]*)\} (\d+)/gm)];
      return Object.fromEntries(
        counted.map(([, labels = '', n]) => [/code="([^"]+)"/.exec(labels)?.[1] ?? '', Number(n)]),
      );
    },
    api: async (path) => {
      const authorization = `Bearer ${apiToken(secretFiles(paths).token)}`;
      return (await get('read-model', path, { authorization })).json();
    },
  };
};
