// An agent whose key another process holds: it works as any other, and without a signature nothing is executed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createExternalSigner, type KeyPair, type Signer } from '@writ/crypto';
import { afterAll, describe, expect, it } from 'vitest';
import { permitted, world, worldPerTest } from './peer/harness.js';
import { change } from './peer/world.js';

worldPerTest();
const folder = mkdtempSync(join(tmpdir(), 'writ-agent-signer-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const SAMPLE = join(import.meta.dirname, '../../../docs/examples/signer/sample-signer.mjs');

const external = ({ kid, x, privateKey }: KeyPair): Signer => {
  const pem = join(folder, 'agent.pem');
  writeFileSync(pem, privateKey.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  return createExternalSigner({ kid, x, signer: [process.execPath, SAMPLE, pem] });
};

describe('an agent whose key a signer holds', () => {
  it('goes from intent to outcome', async () => {
    const client = await world().agent({}, { key: external(world().org.keys.agent) });
    const handle = await permitted(client);
    const done = await client.execute(handle, ({ id }) => id);
    expect(done).toMatchObject({ kind: 'executed', value: 'o-1', outcome: 'recorded' });
  });

  it('executes nothing, with a code, once its signer refuses', async () => {
    const good = external(world().org.keys.agent);
    let refusing = false;
    const key: Signer = {
      ...{ kid: good.kid, x: good.x, close: good.close as () => Promise<void> },
      sign: (bytes) => (refusing ? new Uint8Array(64) : good.sign(bytes)),
    };
    const client = await world().agent({}, { key });
    const handle = await permitted(client);
    refusing = true;
    let ran = false;
    const refused = await client.execute(handle, () => {
      ran = true;
    });
    expect(refused).toMatchObject({ kind: 'refused', code: 'WRIT-KEY-013' });
    expect(ran).toBe(false);
    expect(await client.authorize(change())).toMatchObject({ kind: 'refused', code: 'WRIT-KEY-013' });
  });
});
