// Writes one checkpoint to one anchor: a file, an object store, a command. It rejects with words that hold no secret.
import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { replaceFile } from '@writ/runtime';
import type { SignedCheckpoint } from '../notes.js';
import { type Anchor, readHeaders } from './config.js';

const TIMEOUT_MS = 10_000;

type Kind<K extends Anchor['kind']> = Extract<Anchor, { readonly kind: K }>;

const filled = (template: string, { checkpoint }: SignedCheckpoint): string =>
  template.replaceAll('{size}', String(checkpoint.size));

const toFile = ({ path }: Kind<'file'>, signed: SignedCheckpoint): void => {
  const file = resolve(filled(path, signed));
  mkdirSync(dirname(file), { recursive: true });
  replaceFile(file, signed.note, 0o644);
};

const toStore = async ({ url, headersFile }: Kind<'put'>, signed: SignedCheckpoint): Promise<void> => {
  const response = await fetch(filled(url, signed), {
    method: 'PUT',
    body: signed.note,
    headers: { 'content-type': 'text/plain; charset=utf-8', ...readHeaders(headersFile) },
    redirect: 'error',
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`status ${response.status}`);
};

// No shell: the arguments are what the file says. What the command prints is not kept.
const toCommand = ({ argv }: Kind<'command'>, { note }: SignedCheckpoint): Promise<void> =>
  new Promise((done, fail) => {
    const [command, ...args] = argv as [string, ...string[]];
    const child = spawn(command, args, {
      stdio: ['pipe', 'ignore', 'ignore'],
      timeout: TIMEOUT_MS,
      killSignal: 'SIGKILL',
      env: { PATH: process.env['PATH'] },
    });
    child.once('error', (error: NodeJS.ErrnoException) => fail(new Error(error.code ?? 'it does not start')));
    child.once('close', (code, signal) =>
      code === 0 ? done() : fail(new Error(signal === null ? `status ${code}` : `ended by ${signal}`)),
    );
    // A command that does not read its input to the end breaks the pipe; its status is what counts.
    child.stdin.on('error', () => undefined);
    child.stdin.end(note);
  });

/** Writes it, or rejects. */
export const writeAnchor = async (anchor: Anchor, signed: SignedCheckpoint): Promise<void> => {
  switch (anchor.kind) {
    case 'file':
      return toFile(anchor, signed);
    case 'put':
      return toStore(anchor, signed);
    case 'command':
      return toCommand(anchor, signed);
  }
};
