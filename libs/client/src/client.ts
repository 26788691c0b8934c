// The agent's client: authorise, execute, wrap, know one's capabilities, stop and go on. Wiring only.
import { refused } from '@writ/contracts';
import { authorizeIntent, haltOn, orderOf, resumeIntent } from './action/authorize.js';
import { argsUnder } from './action/decision.js';
import { type Engine, executeJob } from './action/execute.js';
import { type HeldIntent, heldIntent } from './action/handle.js';
import { newIntent, storedIntent } from './action/intent.js';
import { type AuthorityOptions, wrapFunction } from './action/wrap.js';
import { capabilitiesOf } from './capabilities.js';
import type { Credentials } from './credentials.js';
import { WritError } from './errors.js';
import type { HaltHooks } from './halt/watch.js';
import { type ConnectOptions, joinPlane, type Plane } from './plane.js';
import type {
  Args,
  Authorisation,
  AuthorizeOptions,
  Capabilities,
  ClientStatus,
  EnforceRequest,
  ExecuteOptions,
  Execution,
  HandleJson,
  IntentHandle,
  IntentInput,
  RunContext,
  VerifierReport,
} from './types.js';

/** What an agent holds. Every method has a time limit; while the plane is away everything refuses. */
export interface WritClient {
  readonly scope: string;
  /** Asks for a decision. A halt refuses at once (WRIT-ENF-001); no answer is WRIT-ENF-003; nothing has been executed. */
  authorize(intent: IntentInput, options?: AuthorizeOptions): Promise<Authorisation>;
  /** Goes on with a stored intent: same id, same decision, same gate. While halted it waits (with `wait: 'approval'`). */
  resume(handle: HandleJson, options?: AuthorizeOptions): Promise<Authorisation>;
  /**
   * Runs `fn` with the obliged arguments under the intent's receipt and reports the outcome. At most once per intent in this
   * process. What `fn` throws is reported as failed and thrown on.
   */
  execute<T>(
    handle: IntentHandle,
    fn: (args: Args, context: RunContext) => T | Promise<T>,
    options?: ExecuteOptions,
  ): Promise<Execution<T>>;
  /** Wraps an async function: authorise, receipt, run, outcome; throws WritError instead of running it ungoverned. */
  requireAuthority<P extends readonly unknown[]>(
    options: AuthorityOptions<P>,
  ): <R>(fn: (...params: P) => Promise<R>) => (...params: P) => Promise<R>;
  /** What a tool-side enforcement point needs to act for a permitted or escalated intent. Private values: send it to that tool only. */
  handOver(handle: IntentHandle): EnforceRequest;
  /** What this agent may and may not do, from the boundary in force. Throws WRIT-ENF-003 when the plane does not answer. */
  capabilities(): Promise<Capabilities>;
  /** Adds a halt callback; the other hooks are options of `connectWrit`. */
  onHalt(callback: NonNullable<HaltHooks['onHalt']>): void;
  /** Aborts when this agent is halted as a whole; after a release a new one. */
  readonly signal: AbortSignal;
  /** Reports as verifier what was found about an action; throws WritError when it is refused. */
  reportAsVerifier(report: VerifierReport): Promise<void>;
  status(): ClientStatus;
  close(): Promise<void>;
}

/** Connects an agent: with credentials, or with the folder that holds them. Throws WritError (WRIT-CFG-*, WRIT-CLI-005). */
export const connectWrit = async (
  credentials: Credentials | string,
  options: ConnectOptions = {},
): Promise<WritClient> => clientOf(await joinPlane(credentials, options));

const clientOf = ({ engine, halts, session, ...plane }: Plane): WritClient => {
  const client: WritClient = {
    scope: session.credentials.scope,
    authorize: (input, options = {}) => authorize(engine, input, options),
    resume: (json, options = {}) => resumeIntent(engine, storedIntent(session, json), options),
    execute: (handle, fn, options = {}) => execute(engine, heldIntent(handle), fn, options),
    requireAuthority: (options) => (fn) => wrapFunction(client, options, fn),
    handOver: (handle) => handOver(heldIntent(handle)),
    capabilities: () => capabilities(engine),
    onHalt: (onHalt) => void halts.hooks.push({ onHalt }),
    get signal() {
      return halts.signal();
    },
    reportAsVerifier: plane.verify,
    status: plane.status,
    close: plane.close,
  };
  return client;
};

const authorize = async (
  engine: Engine,
  input: IntentInput,
  options: AuthorizeOptions,
): Promise<Authorisation> => {
  const halted = haltOn(engine, input.action);
  if (halted !== undefined) return halted;
  const intent = await newIntent(engine.session, input, engine.keeper.planeTime());
  return 'code' in intent ? intent : authorizeIntent(engine, intent, options);
};

const execute = async <T>(
  engine: Engine,
  intent: HeldIntent,
  fn: (args: Args, context: RunContext) => T | Promise<T>,
  options: ExecuteOptions,
): Promise<Execution<T>> => {
  if (intent.started) return refused('WRIT-ENF-004', 'this intent was executed already');
  const obliged = intent.obliged;
  if (obliged === undefined) return refused('WRIT-RCP-001', 'authorise the intent first');
  return executeJob(
    engine,
    {
      order: orderOf(intent, options.acceptEarlierReceipt ?? false),
      granted: intent.grant,
      begin: () => {
        if (intent.started) return false;
        intent.started = true;
        return true;
      },
      args: ({ receipt }) => argsUnder(obliged, receipt.obligations),
      fn,
    },
    options,
  );
};

const handOver = (intent: HeldIntent): EnforceRequest => {
  if (intent.obliged === undefined) throw new WritError('WRIT-RCP-001', 'authorise the intent first');
  const { committed, disclosures } = intent.obliged;
  return { intentId: intent.id, agent: intent.agent, committed, disclosures };
};

const capabilities = async ({ session, keeper }: Engine): Promise<Capabilities> => {
  const reading = await keeper.read(['keys', 'boundary']);
  if (reading === undefined) throw new WritError('WRIT-ENF-003', 'the plane did not answer');
  return capabilitiesOf(session.credentials.scope, session.trust.directory(), reading);
};
