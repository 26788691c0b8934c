// Owns the configuration text that an embedded nats-server is started with. It never holds a user or a permission.
import { relative } from 'node:path';

/** What the embedded server adds to the configuration it is given. */
export type RunConfig = {
  readonly name: string;
  readonly storeDir: string;
  /** Folder of the file itself: `include` is relative to it. */
  readonly dir: string;
  readonly include?: string | undefined;
  readonly text?: string | undefined;
  readonly cluster?:
    | { readonly name: string; readonly port: number; readonly routes: readonly number[] }
    | undefined;
};

/**
 * The server's file: first what was given (a file by include, or text), then name, store and cluster, which win.
 * Every append is on disk before it is acknowledged (`sync_interval: always`, nats-server >= 2.10).
 */
export function runConfig(config: RunConfig): string {
  const lines = [
    config.include === undefined ? '' : `include ${quote(relative(config.dir, config.include))}`,
    config.text ?? '',
    `server_name: ${quote(config.name)}`,
    `jetstream: { store_dir: ${quote(config.storeDir)}, sync_interval: always }`,
    config.cluster === undefined ? '' : cluster(config.cluster),
  ];
  return `${lines.filter((line) => line !== '').join('\n')}\n`;
}

function cluster({ name, port, routes }: NonNullable<RunConfig['cluster']>): string {
  const urls = routes.map((route) => quote(`nats://127.0.0.1:${route}`)).join(', ');
  return `cluster: { name: ${quote(name)}, listen: "127.0.0.1:${port}", routes: [${urls}] }`;
}

function quote(text: string): string {
  return JSON.stringify(text);
}
