// The tool-side enforcement point: acts for many agents, under receipts whose audience is its own key. Wiring only.
import { refused } from '@writ/contracts';
import { canonicalize, committedDigest } from '@writ/crypto';
import { argsUnder, plainArgs } from './action/decision.js';
import { type Engine, executeJob } from './action/execute.js';
import type { Credentials } from './credentials.js';
import type { HaltHooks } from './halt/watch.js';
import { type ConnectOptions, joinPlane } from './plane.js';
import type {
  Args,
  ClientStatus,
  EnforcedCall,
  ExecuteOptions,
  Execution,
  RunContext,
  VerifierReport,
} from './types.js';

/** What a tool holds. */
export interface EnforcementPoint {
  readonly scope: string;
  /**
   * Runs `fn` for an agent's intent: only with the disclosed arguments, on the resource and operation given here, under a
   * receipt for this enforcement point, while neither it nor the agent is halted. Reports the outcome. At most once per intent.
   */
  enforce<T>(
    call: EnforcedCall,
    fn: (args: Args, context: RunContext) => T | Promise<T>,
    options?: ExecuteOptions,
  ): Promise<Execution<T>>;
  /** Adds a halt callback: called for every halt in the environment. */
  onHalt(callback: NonNullable<HaltHooks['onHalt']>): void;
  /** Reports as verifier what was found about an action; throws WritError when it is refused. */
  reportAsVerifier(report: VerifierReport): Promise<void>;
  status(): ClientStatus;
  close(): Promise<void>;
}

const STARTED_KEPT = 100_000;

/** Connects an enforcement point. Throws WritError (WRIT-CFG-*, WRIT-CLI-005). */
export const connectEnforcementPoint = async (
  credentials: Credentials | string,
  options: ConnectOptions = {},
): Promise<EnforcementPoint> => {
  const { engine, halts, session, ...plane } = await joinPlane(credentials, options);
  const started = new Set<string>();
  return {
    scope: session.credentials.scope,
    enforce: (call, fn, executing = {}) => enforce(engine, started, call, fn, executing),
    onHalt: (onHalt) => void halts.hooks.push({ onHalt }),
    reportAsVerifier: plane.verify,
    status: plane.status,
    close: plane.close,
  };
};

const enforce = async <T>(
  engine: Engine,
  started: Set<string>,
  call: EnforcedCall,
  fn: (args: Args, context: RunContext) => T | Promise<T>,
  options: ExecuteOptions,
): Promise<Execution<T>> => {
  const disclosed = { committed: call.committed, disclosures: call.disclosures };
  const plain = plainArgs(disclosed);
  if (plain.kind === 'refused') return plain;
  if (call.args !== undefined && canonicalize(call.args) !== canonicalize(plain.args)) {
    return refused('WRIT-FRM-013', 'the arguments are not those disclosed');
  }
  const { intentId, agent, resource, operation } = call;
  const argsDigest = committedDigest(call.committed);
  const acceptEarlier = options.acceptEarlierReceipt ?? false;
  return executeJob(
    engine,
    {
      order: { intentId, agent, argsDigest, resource, operation, requests: new Set(), acceptEarlier },
      begin: () => beginOnce(started, intentId),
      args: ({ receipt }) => argsUnder(disclosed, receipt.obligations),
      fn,
    },
    options,
  );
};

const beginOnce = (started: Set<string>, intentId: string): boolean => {
  if (started.has(intentId)) return false;
  started.add(intentId);
  if (started.size > STARTED_KEPT) started.delete(started.values().next().value as string);
  return true;
};
