// An agent in a process of its own, driven over IPC: says whether its gate is open, and for how long it was not.
import { importPrivateJwk } from '@writ/crypto';
import { type Credentials, connectWrit } from '../../src/index.js';

type Start = { readonly credentials: Omit<Credentials, 'key'>; readonly jwk: unknown };

process.once('message', async (start: Start) => {
  const key = importPrivateJwk(start.jwk as Parameters<typeof importPrivateJwk>[0]);
  const client = await connectWrit(
    { ...start.credentials, key },
    {
      log: (event) => process.send?.({ log: event.event }),
      preserveState: () => ({ step: 3 }),
      restoreState: (value) => void process.send?.({ restored: value }),
      onHalt: () => void process.send?.({ halted: true }),
      onRelease: () => void process.send?.({ released: true }),
    },
  );
  process.on('message', () => process.send?.({ gate: client.status().gate.kind, at: Date.now() }));
  process.send?.({ ready: client.status().gate.kind });
});
