// One process per folder. A claim is a socket in the folder that somebody listens on: it holds for other containers too, it ends with the
// process however that ends, and no number of a process is believed. It guards one machine; the state itself is guarded by `Memory`.
import { closeSync, mkdirSync, openSync, readdirSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { WitnessFault } from './fault.js';

const CLAIM = /^lock\.([1-9][0-9]{0,14})$/;
/** What fits into the address of a socket on every system. */
const MAX_PATH = 100;

/** A way to the folder that is short enough for a socket, and how to let go of it. */
const shortWay = (dir: string): { readonly way: string; close(): void } => {
  if (Buffer.byteLength(join(dir, `lock.${10 ** 14}`)) <= MAX_PATH || process.platform !== 'linux')
    return { way: dir, close: () => undefined };
  const fd = openSync(dir, 'r');
  return { way: `/proc/self/fd/${fd}`, close: () => closeSync(fd) };
};

const claimsIn = (dir: string): readonly number[] =>
  readdirSync(dir)
    .flatMap((name) => CLAIM.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((a, b) => a - b);

const fileOf = (way: string, claim: number): string => join(way, `lock.${claim}`);

const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException).code;

/** Whether somebody listens. Only what says for certain that nobody does is a no. */
const isHeld = (way: string, claim: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(fileOf(way, claim));
    const end = (held: boolean): void => {
      socket.destroy();
      resolve(held);
    };
    socket.once('connect', () => end(true));
    socket.once('error', (error) =>
      end(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(codeOf(error) ?? '')),
    );
  });

/** Listens at a claim that is not there yet; `undefined` when it is. */
const bind = (way: string, claim: number): Promise<Server | undefined> =>
  new Promise((resolve, reject) => {
    const server = createServer((socket) => socket.destroy()).unref();
    server.once('error', (error) => (codeOf(error) === 'EADDRINUSE' ? resolve(undefined) : reject(error)));
    server.listen(fileOf(way, claim), () => resolve(server));
  });

const isOther = async (way: string, mine: number): Promise<boolean> => {
  const claims = claimsIn(way);
  if (!claims.includes(mine) || claims.at(-1) !== mine) return true;
  for (const claim of claims) if (claim !== mine && (await isHeld(way, claim))) return true;
  return false;
};

const taken = (dir: string): WitnessFault => new WitnessFault('WRIT-WIT-002', dir);

// Claims are numbered and a number is bound once, so that of two who find a dead claim one gets the next number. Whoever has one looks
// again: at a later claim, or an earlier one that has come alive meanwhile, it gives way.
const claimIn = async (way: string, dir: string): Promise<Server> => {
  const last = claimsIn(way).at(-1) ?? 0;
  if (last > 0 && (await isHeld(way, last))) throw taken(dir);
  const server = await bind(way, last + 1);
  if (server === undefined) throw taken(dir);
  if (await isOther(way, last + 1)) {
    server.close();
    throw taken(dir);
  }
  for (const claim of claimsIn(way)) if (claim <= last) rmSync(fileOf(way, claim), { force: true });
  return server;
};

/** Claims the folder; WRIT-WIT-002 when another process has it. Returns how to let go. */
export const lockFolder = async (dir: string): Promise<() => void> => {
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const { way, close } = shortWay(dir);
  try {
    const server = await claimIn(way, dir);
    return () => {
      // Node removes the socket's file.
      server.close(close);
    };
  } catch (error) {
    close();
    throw error;
  }
};
