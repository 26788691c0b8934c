// Owns fetching checkpoints: from a file, or the latest one from the read model. It verifies none.
import { readFileSync } from 'node:fs';
import { fault } from '../fault.js';
import { openApi } from '../reading/api.js';

/** The signed note of a file, or of `latest`. WRIT-CLI-002: the file cannot be read; WRIT-CLI-005: nobody has one. */
export async function readCheckpointNote(from: string, home: string): Promise<string> {
  if (from === 'latest')
    return (await latestCheckpoint(home)) ?? fault('WRIT-CLI-005', 'there is no checkpoint to be had');
  try {
    return readFileSync(from, 'utf8');
  } catch {
    return fault('WRIT-CLI-002', `${from} cannot be read`);
  }
}

/** The latest checkpoint that the read model knows; `undefined` when there is none, or nobody to ask. */
export async function latestCheckpoint(home: string): Promise<string | undefined> {
  const api = openApi(home);
  if (api === undefined) return undefined;
  try {
    const lines: string[] = [];
    for await (const line of api.lines('/v1/checkpoint')) lines.push(line);
    return lines.length === 0 ? undefined : `${lines.join('\n')}\n`;
  } catch {
    return undefined;
  }
}
