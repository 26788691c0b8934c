// Many connections of one process: plain subscribers, or Writ clients. Tells the parent when each heard a halt (system monotonic ns).
// argv: JSON { mode: 'plain' | 'writ', folders, natsUrl }: one agent with keys of its own for each folder.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connectWrit, readCredentials } from '@writ/client';
import { haltSubjectsOf } from '@writ/contracts';
import { connectBus } from '@writ/runtime';

const { mode, folders, natsUrl } = JSON.parse(process.argv[2]);
const count = folders.length;
process.env.WRIT_NATS_URL = natsUrl;
let heard = [];
let released = 0;
/** How many of this process have acknowledged, by halt: one that came late must not count for the next. */
const acked = new Map();
const hear = () => {
  heard.push(process.hrtime.bigint());
  if (heard.length === count) {
    process.send({ heard: heard.map(String) });
    heard = [];
  }
};
const open = async (folder) => {
  if (mode === 'plain') {
    const { scope } = JSON.parse(readFileSync(join(folder, 'agent.json'), 'utf8'));
    const bus = await connectBus({
      url: natsUrl,
      seedFile: join(folder, 'agent.nk'),
      inboxPrefix: `_INBOX.${scope}`,
      name: 'plain',
      waitMs: 30_000,
    });
    for (const subject of haltSubjectsOf(scope)) bus.subscribe(subject, { callback: hear });
    await bus.flush();
    return;
  }
  await connectWrit(readCredentials(folder), {
    connectTimeoutMs: 30_000,
    startTimeoutMs: 30_000,
    onHalt: hear,
    onRelease: () => {
      released += 1;
      if (released === count) {
        released = 0;
        process.send({ released: true });
      }
    },
    log: ({ event, halt }) => {
      if (event !== 'halt-acknowledged') return;
      acked.set(halt, (acked.get(halt) ?? 0) + 1);
      if (acked.get(halt) === count) process.send({ [`acked ${halt}`]: String(process.hrtime.bigint()) });
    },
  });
};
for (let n = 0; n < count; n += 5) await Promise.all(folders.slice(n, n + 5).map(open));
process.send('ready');
