// A ledger of the verifier's tests as an exporter has it on disk: messages, the sealer's checkpoint, the auditor's page, an installation's org.json.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportLines, type StoredMessage } from '@writ/verifier';
import { afterAll, beforeAll } from 'vitest';
import { ORG, type TestLedger } from '../../verifier/test/story/ledger.js';
import { certifySealer, originOf, sealed } from '../../verifier/test/story/sealing.js';

export const exportText = async (messages: readonly StoredMessage[]): Promise<string> => {
  const header = { org: ORG, from: 1, to: messages.length, messages: messages.length };
  let text = '';
  for await (const line of exportLines(messages, header)) text += `${line}\n`;
  return text;
};

/** `tell` goes on with the ledger once a sealer is certified; then everything is written. */
export const useSealedFiles = (ledger: TestLedger, tell: () => void) => {
  const root = mkdtempSync(join(tmpdir(), 'writ-bundles-'));
  const at = (name: string) => join(root, name);
  beforeAll(async () => {
    certifySealer(ledger);
    tell();
    const { messages } = ledger;
    writeFileSync(at('ledger.ndjson'), await exportText(messages));
    writeFileSync(at('checkpoint.txt'), sealed(ledger));
    const pinned = { org: ORG, roots: ledger.roots(), threshold: 1, origin: originOf(messages) };
    writeFileSync(at('trust.json'), JSON.stringify(pinned));
    const { kid, x } = ledger.keyOf('registrar');
    writeFileSync(at('org.json'), JSON.stringify({ ...pinned, registrar: { kid, x } }));
  });
  afterAll(() => rmSync(root, { recursive: true, force: true }));
  return {
    root,
    at,
    from: ['--from', at('ledger.ndjson'), '--checkpoint', at('checkpoint.txt'), '--home', root],
    page: ['--trust', at('trust.json'), '--home', at('nowhere')],
  };
};
