// An agent in a process of its own, of the built package, driven over IPC: says whether its gate is open and what it hears.
import { connectWrit } from '@writ/client';
import { importPrivateJwk } from '@writ/crypto';

process.once('message', async ({ credentials, jwk }) => {
  const client = await connectWrit(
    { ...credentials, key: importPrivateJwk(jwk) },
    {
      log: (event) => process.send?.({ log: event.event }),
      preserveState: () => ({ step: 3 }),
      restoreState: (value) => void process.send?.({ restored: value }),
      onHalt: () => void process.send?.({ halted: true }),
      onRelease: () => void process.send?.({ released: true }),
    },
  );
  process.on('message', () => process.send?.({ gate: client.status().gate.kind }));
  process.send?.({ ready: client.status().gate.kind });
});
