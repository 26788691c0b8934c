// Owns the options of `writ export`, and what all of its forms read from them.
import { CommandId } from '@writ/contracts';
import { fault } from '../fault.js';
import { openLedger } from '../reading/ledger-messages.js';
import { latestCheckpoint, readCheckpointNote, sealedUpTo } from './checkpoint.js';
import type { FilterOptions } from './event-filter.js';

/** The options of `writ export`. */
export type ExportOptions = FilterOptions & {
  readonly full?: boolean;
  readonly range?: { readonly from: number; readonly to: number };
  readonly sample?: number;
  readonly intents?: boolean;
  readonly receipt?: string;
  readonly format?: string;
  readonly out?: string;
  readonly trust?: string;
  readonly checkpoint?: string;
  readonly disclosures?: string;
  readonly from?: string;
  readonly as?: string;
  readonly auditor?: string;
};

/** The id of an intent, as `--receipt` has it. */
export function intentIn(receipt: string): CommandId {
  return CommandId.safeParse(receipt).success
    ? receipt
    : fault('WRIT-CLI-002', '--receipt takes the id of an intent');
}

/** Where the live ledger ends now: what stands in it is to be in the export. */
async function endOf(home: string, auditor: string | undefined): Promise<number> {
  const ledger = await openLedger(home, auditor);
  await ledger.close();
  return ledger.end;
}

/** A part rests on a checkpoint; a full bundle takes one along when there is one. */
export async function checkpointFor(
  home: string,
  { checkpoint, from, auditor }: ExportOptions,
  kind: string,
): Promise<string | undefined> {
  if (checkpoint !== undefined) return readCheckpointNote(checkpoint, home);
  const latest =
    from === undefined ? await sealedUpTo(home, await endOf(home, auditor)) : await latestCheckpoint(home);
  return latest === undefined && kind !== 'full'
    ? fault('WRIT-VER-003', 'a part of a ledger rests on a checkpoint, and there is none: --checkpoint')
    : latest;
}
