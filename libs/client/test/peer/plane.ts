// A small plane that speaks the protocol with real keys over a real bus. Each part of it can be told to be silent or to lie.
import { connect } from '@nats-io/transport-node';
import { serveDecisions } from './decisions.js';
import { createDesk } from './desk.js';
import type { Organisation } from './organisation.js';
import { serveReceipts } from './receipts.js';
import { release, releaseCommand, serveStopping } from './stopping.js';

export type Plane = Awaited<ReturnType<typeof startPlane>>;

/** Starts the plane of one organisation. */
export const startPlane = async (url: string, org: Organisation) => {
  const bus = await connect({ servers: url, reconnectTimeWait: 50, maxReconnectAttempts: -1 });
  const desk = createDesk(bus, org);
  serveDecisions(desk);
  serveReceipts(desk);
  const killSwitch = serveStopping(desk);
  await bus.flush();
  return {
    bus,
    will: desk.will,
    seen: desk.seen,
    halts: desk.halts,
    engage: killSwitch.engage,
    factOf: killSwitch.factOf,
    releaseCommand,
    release: (
      by: readonly string[],
      scope: string,
      halts: readonly string[],
      commands: readonly Uint8Array[],
      quiet = false,
    ) => release(desk, by, scope, halts, commands, quiet),
    moveHaltPosition: () => ++desk.position,
    stop: async () => {
      killSwitch.stop();
      await bus.close();
    },
  };
};
