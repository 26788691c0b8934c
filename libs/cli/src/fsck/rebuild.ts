// Owns having the read model built anew from the ledger as it is. It touches neither the vault nor the sealer's state.

import { sha256 } from '@writ/crypto';
import { ledgerHead, openReader, prepareDatabase, retireBuilds, roleUrls } from '@writ/projections';
import { installPaths } from '@writ/runtime';
import { databaseCredentials, secretFiles } from '@writ/service-read-model';
import { restartService } from '../key/restart.js';
import { withReader } from '../reading/ledger-view.js';

/** Whether the read model was built from another ledger than the present one, as far as its head tells. */
export const isOfAnotherLedger = async (home: string, databaseUrl: string): Promise<boolean> => {
  const credentials = databaseCredentials(secretFiles(installPaths(home)).database);
  const reader = openReader(roleUrls(databaseUrl, credentials).query);
  try {
    const { seq, digest } = await ledgerHead(reader);
    if (seq === 0) return false;
    const message = await withReader(home, ({ ledger }) => ledger.at(seq));
    return message === undefined || sha256(message.bytes) !== digest;
  } finally {
    await reader.destroy();
  }
};

/**
 * Retires what is there, prepares an empty build, and has the service start anew where it runs. It then reads the ledger from 1. The
 * rows of the retired build stay in their schema: they may be the last copy of what the ledger has lost.
 */
export const rebuildReadModel = async (
  home: string,
  databaseUrl: string,
): Promise<'restarted' | 'not-here'> => {
  const credentials = databaseCredentials(secretFiles(installPaths(home)).database);
  await retireBuilds(databaseUrl);
  await prepareDatabase(databaseUrl, { credentials });
  return restartService(home, 'read-model');
};
