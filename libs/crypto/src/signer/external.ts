// A key that another process holds (docs/reference/signer-protocol.md): one line a request, one line an answer. It never sees, keeps
// or logs a private key, and believes no signature that it has not verified.
import type { PublicKeyEntry } from '@writ/contracts';
import { fromBase64url, toBase64url } from '../base64url.js';
import { importPublic } from '../keys.js';
import { verifyStrict } from '../strict.js';
import { parseStrict } from '../strict-json.js';
import { type LineProcess, startLineProcess } from './line-process.js';
import type { Signer } from './signer.js';
import { type SignerCode, SignerError } from './signer-error.js';

/** The public key, and the command that signs with the private one. `timeoutMs`: for one signature, 5,000 unless given. */
export type ExternalKey = PublicKeyEntry & {
  readonly signer: readonly string[];
  readonly timeoutMs?: number;
};

type Pending = {
  readonly bytes: Uint8Array;
  readonly done: (signature: Uint8Array) => void;
  readonly fail: (code: SignerCode) => void;
  /** Sent to a process that died: once more, then no more. */
  retried: boolean;
};

type Answer = { readonly id: number; readonly signature: Uint8Array | undefined };

const TIMEOUT_MS = 5_000;
const END_MS = 2_000;
const PAUSES_MS = [0, 100, 500, 2_000];

const readAnswer = (line: string): Answer | undefined => {
  const parsed = parseStrict(line);
  if (!parsed.ok || typeof parsed.value !== 'object' || parsed.value === null) return undefined;
  const { id, sig } = parsed.value as { readonly id?: unknown; readonly sig?: unknown };
  if (!Number.isSafeInteger(id)) return undefined;
  return {
    id: id as number,
    signature: typeof sig === 'string' ? (fromBase64url(sig) ?? new Uint8Array()) : undefined,
  };
};

/**
 * The signer of an external key. Starts the command with the first signature, anew after it died (with a pause that grows while it
 * signs nothing), and kills it when it says what is no answer or does not answer in time. Every signature is verified.
 * `sign` rejects with SignerError WRIT-KEY-010 to -013.
 */
export const createExternalSigner = (key: ExternalKey): Signer => {
  const publicKey = importPublic(key.x);
  const pending = new Map<number, Pending>();
  let running: LineProcess | undefined;
  let failures = 0;
  let nextId = 1;
  let starting: NodeJS.Timeout | undefined;

  const send = (id: number): void => {
    const { bytes } = pending.get(id) as Pending;
    running?.send(JSON.stringify({ id, kid: key.kid, payload: toBase64url(bytes) }));
  };
  const onLine = (line: string): void => {
    const answer = readAnswer(line);
    if (answer === undefined) {
      running?.kill();
      return;
    }
    const asked = pending.get(answer.id);
    if (asked === undefined) return;
    if (answer.signature === undefined) asked.fail('WRIT-KEY-012');
    else if (!verifyStrict(publicKey, asked.bytes, answer.signature)) asked.fail('WRIT-KEY-013');
    else {
      failures = 0;
      asked.done(answer.signature);
    }
  };
  const onOver = (): void => {
    running = undefined;
    failures += 1;
    for (const asked of [...pending.values()]) {
      if (asked.retried) asked.fail('WRIT-KEY-010');
      asked.retried = true;
    }
    if (pending.size > 0) startSoon();
  };
  const start = (): void => {
    starting = undefined;
    if (pending.size === 0) return;
    running = startLineProcess(key.signer, { onLine, onOver });
    running.hold(true);
    for (const id of pending.keys()) send(id);
  };
  const startSoon = (): void => {
    starting ??= setTimeout(start, PAUSES_MS[Math.min(failures, PAUSES_MS.length - 1)]);
  };
  const settle = (id: number): void => {
    pending.delete(id);
    if (pending.size === 0) running?.hold(false);
  };

  return {
    kid: key.kid,
    x: key.x,
    sign: (bytes) =>
      new Promise<Uint8Array>((resolve, reject) => {
        const id = nextId++;
        const fail = (code: SignerCode): void => {
          clearTimeout(timer);
          settle(id);
          reject(new SignerError(code, key.kid));
        };
        const timer = setTimeout(() => {
          fail(running === undefined ? 'WRIT-KEY-010' : 'WRIT-KEY-011');
          running?.kill();
        }, key.timeoutMs ?? TIMEOUT_MS);
        const done = (signature: Uint8Array): void => {
          clearTimeout(timer);
          settle(id);
          resolve(signature);
        };
        pending.set(id, { bytes, done, fail, retried: false });
        running?.hold(true);
        if (running === undefined) startSoon();
        else send(id);
      }),
    close: async () => {
      clearTimeout(starting);
      starting = undefined;
      const child = running;
      running = undefined;
      for (const asked of [...pending.values()]) asked.fail('WRIT-KEY-010');
      await child?.end(END_MS);
    },
  };
};
