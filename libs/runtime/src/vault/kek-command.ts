// Owns a key-encryption key that a command holds (a KMS, an HSM). One process per request, one line in, one line out; no shell.
import { spawn } from 'node:child_process';
import { commandEnv } from '@writ/crypto';
import { z } from 'zod';
import { RuntimeFault } from '../faults.js';
import type { Kek } from './kek.js';

const ANSWER_MS = 10_000;
const MAX_ANSWER = 64 * 1024;

const Identified = z.object({ id: z.string().min(1).max(200) });
const Wrapped = z.object({ wrapped: z.base64url().min(1) });
const Opened = z.union([
  z.object({ plain: z.base64url().min(1) }),
  z.object({ error: z.literal('does-not-open') }),
]);

/**
 * The key behind a command line (words apart by white space). It is given one JSON line and answers with one:
 * `{"op":"id"}` -> `{"id":"..."}`; `{"op":"wrap","bound":[...],"plain":"<base64url>"}` -> `{"wrapped":"<base64url>"}`;
 * `{"op":"unwrap","bound":[...],"wrapped":"<base64url>"}` -> `{"plain":"<base64url>"}` or `{"error":"does-not-open"}`. `bound` is to be
 * authenticated. What it wraps first is unwrapped once and compared, so that nothing is locked away with what does not open it. Throws
 * WRIT-VLT-004 when it fails, says something else, or takes longer than 10 s. Its stderr is not kept; of our environment it gets PATH
 * and HOME.
 */
export async function commandKek(line: string): Promise<Kek> {
  const argv = line.trim().split(/\s+/);
  const { id } = await ask(argv, { op: 'id' }, Identified);
  let proved = false;
  const kek: Kek = {
    id,
    wrap: async (bound, plain) => {
      const wrapped = bytes((await ask(argv, { op: 'wrap', bound, plain: text(plain) }, Wrapped)).wrapped);
      if (!proved) await prove(kek, bound, { plain, wrapped });
      proved = true;
      return wrapped;
    },
    unwrap: async (bound, wrapped) => {
      const answer = await ask(argv, { op: 'unwrap', bound, wrapped: text(wrapped) }, Opened);
      return 'plain' in answer ? bytes(answer.plain) : undefined;
    },
  };
  return kek;
}

type Pair = { readonly plain: Uint8Array; readonly wrapped: Uint8Array };

async function prove(kek: Kek, bound: Parameters<Kek['unwrap']>[0], { plain, wrapped }: Pair): Promise<void> {
  const back = await kek.unwrap(bound, wrapped);
  if (back === undefined || !Buffer.from(plain).equals(back))
    throw new RuntimeFault('WRIT-VLT-004', 'it does not unwrap what it has wrapped');
}

const text = (value: Uint8Array): string => Buffer.from(value).toString('base64url');
const bytes = (value: string): Buffer => Buffer.from(value, 'base64url');

async function ask<T>(argv: readonly string[], request: object, answer: z.ZodType<T>): Promise<T> {
  const line = await run(argv, `${JSON.stringify(request)}\n`);
  try {
    return answer.parse(JSON.parse(line));
  } catch {
    // Never the answer itself: it may hold a key.
    throw new RuntimeFault('WRIT-VLT-004', 'its answer is not as it must be');
  }
}

function run([file = '', ...args]: readonly string[], input: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (why: string) => reject(new RuntimeFault('WRIT-VLT-004', why));
    const child = spawn(file, args, {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: commandEnv(),
      timeout: ANSWER_MS,
      killSignal: 'SIGKILL',
    });
    const parts: Buffer[] = [];
    let size = 0;
    child.stdout.on('data', (part: Buffer) => {
      size += part.length;
      if (size > MAX_ANSWER) child.kill('SIGKILL');
      else parts.push(part);
    });
    child.once('error', (error: NodeJS.ErrnoException) => fail(`it does not start (${error.code})`));
    child.once('close', (code, signal) =>
      code === 0 ? resolve(Buffer.concat(parts).toString('utf8')) : fail(`it ended with ${signal ?? code}`),
    );
    // It may end without reading: the exit status tells.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
