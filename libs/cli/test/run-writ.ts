// Runs `writ` within the test's process: what it says, and with which status it would end. No process status is touched.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import { registerAgent } from '../src/commands/agent.js';
import { registerApprove } from '../src/commands/approve.js';
import { registerBoundary } from '../src/commands/boundary.js';
import { registerErase } from '../src/commands/erase.js';
import { registerExport } from '../src/commands/export.js';
import { registerFsck } from '../src/commands/fsck.js';
import { registerGate } from '../src/commands/gate.js';
import { registerHalt } from '../src/commands/halt.js';
import { registerHold } from '../src/commands/hold.js';
import { registerInit } from '../src/commands/init.js';
import { registerLedger } from '../src/commands/ledger.js';
import { registerPerson } from '../src/commands/person.js';
import { registerReject } from '../src/commands/reject.js';
import { registerRelease } from '../src/commands/release.js';
import { registerStatus } from '../src/commands/status.js';
import { registerVault } from '../src/commands/vault.js';
import { registerVerify } from '../src/commands/verify.js';
import { createIo } from '../src/io.js';
import { createProgram, runProgram } from '../src/program.js';

export type Ran = { readonly exit: number; readonly stdout: string; readonly stderr: string };

const REGISTER = [
  registerInit,
  registerAgent,
  registerPerson,
  registerBoundary,
  registerGate,
  registerApprove,
  registerReject,
  registerHalt,
  registerRelease,
  registerStatus,
  registerErase,
  registerHold,
  registerVault,
  registerVerify,
  registerFsck,
  registerLedger,
  registerExport,
];

/** One command line, without `writ` itself. */
export const writ = async (...argv: readonly string[]): Promise<Ran> => {
  let [stdout, stderr, exit] = ['', '', -1];
  const out = (text: string): void => {
    stdout += text;
  };
  const err = (text: string): void => {
    stderr += text;
  };
  const setExit = (code: number): void => {
    exit = code;
  };
  const io = createIo({ json: false, color: false, stdout: out, stderr: err, exit: setExit });
  const program = createProgram('0.0.0-test');
  program.configureOutput({ writeOut: out, writeErr: err });
  for (const register of REGISTER) register(program, io);
  await runProgram(program, io, argv);
  return { exit, stdout, stderr };
};

/** The same with `--json`: the one document on stdout. */
export const writJson = async <T = Record<string, unknown>>(
  ...argv: readonly string[]
): Promise<Ran & { readonly document: T }> => {
  const ran = await writ(...argv, '--json');
  return { ...ran, document: JSON.parse(ran.stdout) as T };
};

/** Folders that are gone after the tests of a file. */
export const useFolders = (): ((name: string) => string) => {
  const root = mkdtempSync(join(tmpdir(), 'writ-cli-'));
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return (name) => join(root, name);
};

/** `writ init` of the organisation acme with alice and one environment. */
export const init = async (home: string): Promise<string> => {
  const ran = await writ('init', '--org', 'acme', '--admin', 'alice', '--env', 'shop.prod', '--home', home);
  if (ran.exit !== 0) throw new Error(ran.stderr);
  return home;
};
