// requireAuthority: any async function, governed. The wrapped function runs only under a receipt; everything else throws.

import { type Level, type Refused, refused } from '@writ/contracts';
import { canonicalize } from '@writ/crypto';
import { asError } from '../errors.js';
import type {
  Args,
  Authorisation,
  AuthorizeOptions,
  ExecuteOptions,
  Execution,
  IntentInput,
  RunContext,
} from '../types.js';
import { plainArgs } from './decision.js';
import { heldIntent } from './handle.js';

/** How a function is governed. `resource` and `operation` may depend on the parameters. */
export type AuthorityOptions<P extends readonly unknown[]> = {
  /** Default: the name of the function. */
  readonly tool?: string;
  readonly resource: string | ((...params: P) => string);
  readonly operation: string | ((...params: P) => string);
  /** The least enforcement level that the boundary must have; below it the call is refused (WRIT-ENF-006). */
  readonly level?: Level;
  /** The arguments to be governed. Default: the only parameter when it is a plain object, else none. */
  readonly args?: (...params: P) => Args;
  /** Puts obliged arguments back into parameters; without it a call whose arguments were obliged is refused (WRIT-ENF-005). */
  readonly apply?: (obliged: Args, ...params: P) => P;
  readonly reasoning?: IntentInput['reasoning'] | ((...params: P) => IntentInput['reasoning']);
  readonly reversal?: IntentInput['reversal'] | ((...params: P) => IntentInput['reversal']);
  readonly deadlineMs?: number;
  /** What an escalation does: wait for the approval (default) or refuse (WRIT-RCP-009). */
  readonly wait?: 'approval' | 'decision';
  readonly onPending?: AuthorizeOptions['onPending'];
};

/** What the wrapper needs of a client. */
export type Governor = {
  authorize(intent: IntentInput, options: AuthorizeOptions): Promise<Authorisation>;
  execute<T>(
    handle: Extract<Authorisation, { kind: 'permitted' }>['handle'],
    fn: (args: Args, context: RunContext) => T | Promise<T>,
    options?: ExecuteOptions,
  ): Promise<Execution<T>>;
};

/** Wraps `fn`: authorise, receipt, run, outcome. Throws WritError instead of running; what `fn` throws is thrown on. */
export const wrapFunction = <P extends readonly unknown[], R>(
  governor: Governor,
  options: AuthorityOptions<P>,
  fn: (...params: P) => Promise<R>,
): ((...params: P) => Promise<R>) => {
  return async (...params) => {
    const authorised = await governor.authorize(intentOf(options, fn.name, params), {
      wait: options.wait ?? 'approval',
      ...(options.onPending === undefined ? {} : { onPending: options.onPending }),
    });
    const permitted = permittedOnly(authorised, options.level);
    if (permitted.kind === 'refused') throw asError(permitted);
    const obliged = paramsFor(options, params, obligedArgs(permitted));
    if (obliged.kind === 'refused') throw asError(obliged);
    const execution = await governor.execute(permitted.handle, () => fn(...obliged.params));
    if (execution.kind === 'refused') throw asError(execution);
    return execution.value;
  };
};

type Permitted = Extract<Authorisation, { kind: 'permitted' }>;

const permittedOnly = (authorised: Authorisation, level: Level | undefined): Permitted | Refused => {
  switch (authorised.kind) {
    case 'refused':
      return authorised;
    case 'denied':
      return refused(authorised.code, authorised.reason);
    case 'escalated':
      return refused('WRIT-RCP-009', `it waits at the gate '${authorised.decision.gate ?? ''}'`);
    case 'permitted': {
      const enforced = authorised.decision.boundary?.level ?? 0;
      if (level === undefined || enforced >= level) return authorised;
      return refused('WRIT-ENF-006', `the boundary enforces at level ${enforced}, the call demands ${level}`);
    }
  }
};

const given = <P extends readonly unknown[], V>(value: V | ((...params: P) => V), params: P): V =>
  typeof value === 'function' ? (value as (...params: P) => V)(...params) : value;

const intentOf = <P extends readonly unknown[]>(
  options: AuthorityOptions<P>,
  name: string,
  params: P,
): IntentInput => {
  const reasoning = given(options.reasoning, params);
  const reversal = given(options.reversal, params);
  return {
    action: {
      tool: options.tool ?? (name === '' ? 'function' : name),
      operation: given(options.operation, params),
      resource: given(options.resource, params),
      args: governedArgs(options, params),
    },
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(reversal === undefined ? {} : { reversal }),
    ...(options.deadlineMs === undefined ? {} : { deadlineMs: options.deadlineMs }),
  };
};

const onlyObject = (params: readonly unknown[]): Args | undefined => {
  const [only] = params;
  if (params.length !== 1 || typeof only !== 'object' || only === null) return undefined;
  return Object.getPrototypeOf(only) === Object.prototype ? (only as Args) : undefined;
};

const governedArgs = <P extends readonly unknown[]>(options: AuthorityOptions<P>, params: P): Args =>
  options.args?.(...params) ?? onlyObject(params) ?? {};

/** The arguments to run with; what the decision bound has been checked already. */
const obligedArgs = (permitted: Permitted): Args => {
  const intent = heldIntent(permitted.handle);
  const plain = plainArgs(intent.obliged ?? intent.args);
  return plain.kind === 'args' ? plain.args : {};
};

type ForParams<P> = { readonly kind: 'params'; readonly params: P };

const paramsFor = <P extends readonly unknown[]>(
  options: AuthorityOptions<P>,
  params: P,
  obliged: Args,
): ForParams<P> | Refused => {
  if (canonicalize(obliged) === canonicalize(governedArgs(options, params)))
    return { kind: 'params', params };
  if (options.apply !== undefined) return { kind: 'params', params: options.apply(obliged, ...params) };
  if (options.args === undefined && onlyObject(params) !== undefined) {
    return { kind: 'params', params: [obliged] as unknown as P };
  }
  return refused('WRIT-ENF-005', 'the obligations change arguments that this function cannot be given');
};
