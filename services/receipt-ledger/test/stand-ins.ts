// A plane of stand-ins: a bus without a network, a clock that is told what time it is, events that are handed over by hand.
import type { KeyPair } from '@writ/crypto';
import { type RegistryState, registryInitial } from '@writ/domain';
import type { LedgerEvent } from '@writ/ledger';
import type { Plane } from '@writ/runtime';
import { type StubBus, stubBus } from '../../../test/harness/stub-bus.js';

export type StandIns = {
  readonly plane: Plane;
  readonly bus: StubBus;
  /** Wall clock and monotonic clock, ms. */
  readonly time: { now: number; mono: number };
  readonly refused: string[];
  tell(event: Pick<LedgerEvent, 'document'> & Partial<LedgerEvent>): void;
  setRegistry(state: RegistryState): void;
};

export const certified = (state: RegistryState, key: KeyPair, role: 'kill-switch'): RegistryState => ({
  ...state,
  keys: state.keys.set(key.kid, {
    ...{ kid: key.kid, x: key.x, role, holder: role, scope: 'acme', certifiedAt: 1 },
  }),
});

export const standIns = (): StandIns => {
  const bus = stubBus();
  const time = { now: Date.UTC(2026, 0, 1), mono: 1_000_000 };
  const refused: string[] = [];
  const listeners: ((event: LedgerEvent) => void)[] = [];
  let registry = registryInitial;
  const silent = () => undefined;
  const plane = {
    ...{ org: 'acme', service: 'receipt-ledger', bus: bus.connection, registry: () => registry },
    clock: { now: () => time.now, mono: () => time.mono },
    timestamp: () => new Date(time.now).toISOString(),
    fresh: () => true,
    log: { warn: silent, error: silent, debug: silent },
    metrics: { refused: (code: string) => void refused.push(code) },
    follower: {
      listen: (listener: (event: LedgerEvent) => void) => void listeners.push(listener),
      position: () => 1_000,
    },
  } as unknown as Plane;
  return {
    ...{ plane, bus, time, refused },
    tell: (event) => {
      for (const listener of listeners) listener({ void: false, ...event } as LedgerEvent);
    },
    setRegistry: (state) => {
      registry = state;
    },
  };
};
