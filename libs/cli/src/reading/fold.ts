// Owns a verified view of the ledger: frames, keys from the pinned root, admission, then the domain's own folds. It decides nothing.
import {
  type CommandId,
  type EnvironmentScope,
  type EscalatedData,
  Intent,
  organisationOf,
  type PublicKeyEntry,
  type Scope,
} from '@writ/contracts';
import { endorses, link, openLedgerFrame } from '@writ/crypto';
import {
  type ApprovalState,
  type AuthorityState,
  approvalInitial,
  authorityInitial,
  type ConductState,
  conductInitial,
  type Distrust,
  distrustOf,
  evolveApproval,
  evolveAuthority,
  evolveConduct,
  evolveRegistry,
  evolveVoidRegistry,
  noDistrust,
  type RegistryMessage,
  type RegistryState,
  registryInitial,
  rootedDirectory,
} from '@writ/domain';
import {
  createFollower,
  type Ledger,
  type LedgerEvent,
  type MonotonicClock,
  type StoredMessage,
} from '@writ/ledger';
import { fault } from '../fault.js';

/** Whom to believe: nothing is taken that does not lead back to these keys. `threshold`: how many must agree, 1 when absent. */
export type Pinned = {
  readonly org: string;
  readonly roots: readonly PublicKeyEntry[];
  readonly threshold?: number;
};

/** An action that waits, or waited, for people. `data` is the verified decision. */
export type Escalation = { readonly data: EscalatedData; readonly intent: Intent };

/** The ledger as folded up to `position`. */
export type PlaneView = {
  readonly position: number;
  readonly junk: number;
  readonly registry: RegistryState;
  readonly approval: ReadonlyMap<EnvironmentScope, ApprovalState>;
  readonly authority: ReadonlyMap<EnvironmentScope, AuthorityState>;
  readonly conduct: ReadonlyMap<EnvironmentScope, ConductState>;
  readonly escalations: ReadonlyMap<CommandId, Escalation>;
};

/** What is read: messages from a sequence on, and the end as of now. */
export type Readable = Pick<Ledger, 'read' | 'end'>;

/** Folds the registry alone. `messages` are those of its subject, in order. */
export async function foldRegistry(
  messages: readonly StoredMessage[],
  pinned: Pinned,
): Promise<RegistryState> {
  return (await fold(ofMessages(messages), pinned, false)).registry;
}

/** Folds everything that a person asks about: registry, gates, halts, conduct, escalations. */
export function foldPlane(source: Readable, pinned: Pinned): Promise<PlaneView> {
  return fold(source, pinned, true);
}

/** Messages in hand, as something to read. */
export function ofMessages(messages: readonly StoredMessage[]): Readable {
  return {
    end: async () => messages.at(-1)?.seq ?? 0,
    read: async function* (from, { signal } = {}) {
      yield* messages.filter((message) => message.seq >= from);
      if (signal !== undefined && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
    },
  };
}

// What a key is distrusted for from before is known at the end of the first fold; where there is such a key it is folded again.
async function fold(source: Readable, pinned: Pinned, all: boolean): Promise<PlaneView> {
  const first = await foldWith(source, pinned, all, noDistrust);
  const distrust = distrustOf(pinned, first.messages, { open: openLedgerFrame, endorses, link });
  return distrust.size === 0 ? first.view : (await foldWith(source, pinned, all, distrust)).view;
}

type Folded = { readonly view: PlaneView; readonly messages: readonly RegistryMessage[] };

async function foldWith(source: Readable, pinned: Pinned, all: boolean, distrust: Distrust): Promise<Folded> {
  const { org } = pinned;
  const messages: RegistryMessage[] = [];
  let registry = registryInitial;
  const approval = new Map<Scope, ApprovalState>();
  const authority = new Map<Scope, AuthorityState>();
  const conduct = new Map<Scope, ConductState>();
  const escalations = new Map<CommandId, Escalation>();
  const evolve = <S>(
    states: Map<Scope, S>,
    initial: S,
    step: (state: S, event: LedgerEvent) => S,
    event: LedgerEvent,
  ) => states.set(event.scope, step(states.get(event.scope) ?? initial, event));
  const ended = new AbortController();
  const follower = createFollower({
    ledger: readOnly(source, ended.signal),
    clock: unheldClock,
    keys: rootedDirectory(pinned, () => registry, distrust),
    wants: (family) => all && family !== 'outcome' && family !== 'stop',
  });
  follower.fold((event) => {
    if (organisationOf(event.scope) !== org) return;
    if (event.family === 'registry') registry = evolveRegistry(registry, event);
    else if (event.family === 'approval') evolve(approval, approvalInitial, evolveApproval, event);
    else if (event.family === 'authority') evolve(authority, authorityInitial, evolveAuthority, event);
    else if (event.family === 'conduct') evolve(conduct, conductInitial, evolveConduct, event);
    else keepEscalation(escalations, event);
  });
  follower.listen((event) => {
    if (event.family !== 'registry' || event.scope !== org) return;
    messages.push(event);
    if (event.void) registry = evolveVoidRegistry(registry, event);
  });
  await follower.start();
  const view = {
    position: follower.position(),
    junk: follower.junkCount(),
    registry,
    approval,
    authority,
    conduct,
    escalations,
  };
  ended.abort();
  return { view, messages };
}

function keepEscalation(escalations: Map<CommandId, Escalation>, { document }: LedgerEvent): void {
  if (document.type !== 'writ.decision.escalated.v1') return;
  const intent = Intent.safeParse(document.data.intent.signed);
  if (intent.success) escalations.set(intent.data.id, { data: document.data, intent: intent.data });
}

// The follower follows on; ending what it reads ends it, and no timer keeps the process from ending.
function readOnly(source: Readable, ended: AbortSignal): Ledger {
  const never = (): never => fault('WRIT-RUN-005', 'a reader does not write');
  return {
    read: async function* (from, { signal } = {}) {
      yield* source.read(from, { signal: signal === undefined ? ended : AbortSignal.any([signal, ended]) });
      throw new Error('the reading is over');
    },
    end: () => source.end(),
    append: never,
    lastOf: never,
    load: never,
    close: async () => undefined,
  };
}

const unheldClock: MonotonicClock = {
  now: () => performance.now(),
  sleep: (ms) => new Promise((resolve) => setTimeout(resolve, ms).unref()),
};
