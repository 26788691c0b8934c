// Owns processes that these tests start from built code; it ends those that are left, by their pid.
import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterwards } from './temp-dir.js';

/** A running script, its output so far and its end. */
export type Script = {
  readonly child: ChildProcess;
  readonly out: () => string;
  readonly err: () => string;
  readonly exit: Promise<number | null>;
};

/** Runs `fixtures/<name>` on the built package. */
export function runScript(name: string, args: readonly string[], options: SpawnOptions = {}): Script {
  if (!existsSync(fileURLToPath(new URL('../dist/lifecycle.js', import.meta.url)))) {
    throw new Error('this test runs built code: run `npm run build` first (npm test does)');
  }
  const path = fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));
  const child = spawn(process.execPath, [path, ...args], { stdio: ['ignore', 'pipe', 'pipe'], ...options });
  afterwards(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    err += chunk;
  });
  const exit = new Promise<number | null>((resolve) => void child.on('close', (code) => resolve(code)));
  return { child, out: () => out, err: () => err, exit };
}

/** Resolves when `check` gives a value; rejects after `timeoutMs`. */
export async function eventually<R>(
  check: () => R | undefined | false | Promise<R | undefined | false>,
  timeoutMs = 15_000,
) {
  const end = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value;
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}

/** True while the pid is a process that has not ended (one that has ended and waits to be collected does not count). */
export async function lives(pid: number): Promise<boolean> {
  const { readFileSync } = await import('node:fs');
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
