// Owns the file by which a running service tells that it is ready. It holds nothing secret.
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

/** What the file says: pid, HTTP port, wall time in ms. */
export type ReadyReport = { readonly pid: number; readonly httpPort: number; readonly readyAt: number };

/** Writes the report so that a reader sees all of it or none. */
export function writeReadyFile(path: string, report: ReadyReport): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}.tmp`;
  writeFileSync(draft, `${JSON.stringify(report)}\n`, { mode: 0o600 });
  renameSync(draft, path);
}

/** Takes the report away; a missing one is fine. */
export function removeReadyFile(path: string): void {
  rmSync(path, { force: true });
}
