// The registry as folded from its subject: who and what exists, keys and documents in force. Values only.
import type {
  AgentScope,
  ApprovalGate,
  Digest,
  EventId,
  Kid,
  LedgerSeq,
  PermissionBoundary,
  RegistryAction,
  RoleGrant,
  Scope,
  Token,
} from '@writ/contracts';
import { Map as IMap, Set as ISet, List } from 'immutable';
import type { KeyRecord } from '../admission/keys.js';
import type { ErasureOrder, LegalHold } from './registry.erasure.state.js';

/** A certified key. `voidBorn`: a void event certified it, so that it keeps the places of what it signs and gives it no effect. */
export type RegistryKey = KeyRecord & { readonly voidBorn?: true };

type Asked<D extends RegistryAction['do']> = Extract<RegistryAction, { readonly do: D }>;
/** A registered tool. */
export type ToolManifest = Asked<'register-tool'>['manifest'];
/** Evidence that a promotion needs. */
export type Criteria = Asked<'publish-criteria'>['criteria'];
/** What one agent passed on to another. */
export type Delegation = Asked<'grant-delegation'>['delegation'];

/** Root keys pinned by the genesis. */
export type RootKey = { readonly kid: Kid; readonly x: Digest };

/** A person and the grants they hold. A removed person holds none, and the token is never used again. */
export type PersonRecord = {
  readonly person: Token;
  readonly grants: readonly RoleGrant[];
  readonly kid: Kid;
  readonly status: 'active' | 'removed';
};

/** An agent: exactly one human owner; orphaned when the owner was removed. */
export type AgentRecord = {
  readonly agent: AgentScope;
  readonly owner: Token;
  readonly kid: Kid;
  readonly status: 'active' | 'retired' | 'orphaned';
};

/** An enforcement point: a name in the agents' name space, an owner, a key. */
export type EnforcementPointRecord = {
  readonly name: AgentScope;
  readonly owner: Token;
  readonly kid: Kid;
};

/** An environment; `event` is what the kill-switch names when it opens the authority subject. */
export type EnvironmentRecord = { readonly scope: Scope; readonly event: EventId; readonly seq: LedgerSeq };

/** A boundary as it was published. `publishedAt` is its ledger sequence, `ver` the registry version. */
export type PublishedBoundary = {
  readonly name: string;
  readonly scope: Scope;
  readonly digest: Digest;
  readonly event: EventId;
  readonly boundary: PermissionBoundary;
  readonly publishedAt: LedgerSeq;
  readonly ver: number;
};

/** A gate as it was published. */
export type PublishedGate = {
  readonly name: string;
  readonly scope: Scope;
  readonly digest: Digest;
  readonly event: EventId;
  readonly gate: ApprovalGate;
  readonly publishedAt: LedgerSeq;
  readonly ver: number;
};

/** A delegation by the event that granted it. */
export type DelegationRecord = {
  readonly event: EventId;
  readonly delegation: Delegation;
  readonly revoked: boolean;
};

/** The registry of one organisation. Immutable; equality of history is equality of state. */
export type RegistryState = {
  readonly org: Token | null;
  /** Version of the registry subject folded so far; 0 before the genesis. */
  readonly ver: number;
  readonly seq: LedgerSeq;
  /** The digest of the genesis, which is the name of the ledger. */
  readonly genesis: Digest | null;
  /** The registrar that was appointed last: by the genesis, or by an appointment. */
  readonly registrar: Kid | null;
  readonly roots: List<RootKey>;
  readonly threshold: number;
  /** Digests of the first commands that the roots agreed to; null where the genesis names none. */
  readonly firstCommands: ISet<Digest> | null;
  readonly projects: ISet<Scope>;
  readonly environments: IMap<Scope, EnvironmentRecord>;
  readonly people: IMap<Token, PersonRecord>;
  readonly agents: IMap<AgentScope, AgentRecord>;
  readonly enforcementPoints: IMap<AgentScope, EnforcementPointRecord>;
  readonly keys: IMap<Kid, RegistryKey>;
  /** In force, by scope: one boundary per scope. */
  readonly boundaries: IMap<Scope, PublishedBoundary>;
  readonly boundariesByDigest: IMap<Digest, PublishedBoundary>;
  /** In force, by `<scope>/<name>`. */
  readonly gates: IMap<string, PublishedGate>;
  readonly gatesByDigest: IMap<Digest, PublishedGate>;
  readonly tools: IMap<string, ToolManifest>;
  readonly criteria: IMap<string, Criteria>;
  readonly delegations: IMap<EventId, DelegationRecord>;
  /** Orders of erasure, open and carried out, by the event that gave them. */
  readonly erasures: IMap<EventId, ErasureOrder>;
  /** Legal holds, in force and lifted, by the event that placed them. */
  readonly holds: IMap<EventId, LegalHold>;
  /** The version at which each thing last changed, by thing (`agent:...`, `boundary:...`). */
  readonly changed: IMap<string, number>;
  /** Every command id ever used: no signed command works twice (ARCHITECTURE §7.11). */
  readonly commands: ISet<string>;
};

/** Before the genesis. */
export const registryInitial: RegistryState = {
  org: null,
  ver: 0,
  seq: 0,
  genesis: null,
  registrar: null,
  roots: List(),
  threshold: 1,
  firstCommands: null,
  projects: ISet(),
  environments: IMap(),
  people: IMap(),
  agents: IMap(),
  enforcementPoints: IMap(),
  keys: IMap(),
  boundaries: IMap(),
  boundariesByDigest: IMap(),
  gates: IMap(),
  gatesByDigest: IMap(),
  tools: IMap(),
  criteria: IMap(),
  delegations: IMap(),
  erasures: IMap(),
  holds: IMap(),
  changed: IMap(),
  commands: ISet(),
};
