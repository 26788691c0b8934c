// Owns the reload of a running nats-server. It believes the server's log, not the signal.
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { RuntimeFault } from '../faults.js';
import type { ServerProcess } from '../process/child.js';

const RELOAD_MS = 5000;

/** Sends SIGHUP and waits for the server's answer in its log. Throws WRIT-NATS-003 when it refuses, ends or stays silent. */
export async function reloadAndWait(process: ServerProcess, logFile: string): Promise<void> {
  const from = readFrom(logFile, undefined).end;
  process.signal('SIGHUP');
  const end = performance.now() + RELOAD_MS;
  while (process.alive() && performance.now() < end) {
    const { text } = readFrom(logFile, from);
    if (/Reloaded server configuration/.test(text)) return;
    const refusal = /Failed to reload server configuration: (.*)/.exec(text);
    if (refusal) throw new RuntimeFault('WRIT-NATS-003', `the new configuration was refused: ${refusal[1]}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new RuntimeFault('WRIT-NATS-003', `no answer to the reload in ${logFile}`);
}

function readFrom(path: string, from: number | undefined): { text: string; end: number } {
  const fd = openSync(path, 'r');
  try {
    const { size } = fstatSync(fd);
    const buffer = Buffer.alloc(Math.max(0, size - (from ?? size)));
    readSync(fd, buffer, 0, buffer.length, from ?? size);
    return { text: buffer.toString('utf8'), end: size };
  } finally {
    closeSync(fd);
  }
}
