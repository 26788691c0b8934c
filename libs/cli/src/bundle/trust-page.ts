// Owns the auditor's page: what they pin, from a file that they got another way, else from this installation. It trusts nothing else.
import { readFileSync } from 'node:fs';
import { PublicKeyEntry, Token } from '@writ/contracts';
import { importPublic } from '@writ/crypto';
import { readWitnessPolicy, type Trust, type WitnessPolicy } from '@writ/verifier';
import { fault } from '../fault.js';
import { organisationIn } from '../home.js';

/** The page as JSON (docs/reference/bundle.md, 1). */
export type TrustPage = Omit<Trust, 'witnesses' | 'outside'> & {
  readonly witnesses?: WitnessPolicy | undefined;
};

/** A ledger is named by the digest of its genesis; anything else in an older org.json names nothing. */
const ORIGIN = /^writ\/[a-z0-9-]{1,63}\/[A-Za-z0-9_-]{43}$/;

/** Reads what the auditor pins: the file, else the installation. WRIT-VER-004: it does not hold what it must. */
export function readTrust(file: string | undefined, home: string): Trust {
  if (file === undefined) {
    const { org, roots, threshold, origin } = organisationIn(home);
    return { org, roots, threshold, origin: ORIGIN.test(origin) ? origin : undefined };
  }
  return trustIn(textOf(file), file);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return fault('WRIT-CLI-002', `${file} cannot be read`);
  }
}

function trustIn(text: string, file: string): Trust {
  const { org, roots, threshold, origin, witnesses } = jsonOf(text, file);
  const name = Token.safeParse(org);
  const keys = PublicKeyEntry.array().min(1).max(16).safeParse(roots);
  if (!name.success || !keys.success) return fault('WRIT-VER-004', `${file}: org or roots`);
  for (const { kid, x } of keys.data) {
    if (kidOf(x) !== kid) fault('WRIT-VER-004', `${file}: ${kid} is not the id of its key`);
  }
  const least = threshold === undefined ? undefined : (threshold as number);
  if (least !== undefined && !(Number.isSafeInteger(least) && least >= 1 && least <= keys.data.length))
    fault('WRIT-VER-004', `${file}: threshold`);
  if (origin !== undefined && typeof origin !== 'string') fault('WRIT-VER-004', `${file}: origin`);
  return {
    ...{ org: name.data, roots: keys.data, threshold: least },
    ...{ origin: origin as string | undefined, witnesses: witnessesOf(witnesses, file) },
  };
}

function jsonOf(text: string, file: string): { readonly [name: string]: unknown } {
  try {
    return JSON.parse(text) as { readonly [name: string]: unknown };
  } catch {
    return fault('WRIT-VER-004', `${file} is not JSON`);
  }
}

function kidOf(x: string): string | undefined {
  try {
    return importPublic(x).kid;
  } catch {
    return undefined;
  }
}

function witnessesOf(value: unknown, file: string): Trust['witnesses'] {
  if (value === undefined) return undefined;
  try {
    const read = readWitnessPolicy(value as WitnessPolicy);
    if (read !== undefined) return read;
  } catch {
    // Of another form: refused like a policy that cannot be met.
  }
  return fault('WRIT-VER-004', `${file}: witnesses`);
}

/** The page of a ledger as text. */
export function trustPageText({ org, origin, roots, threshold = 1, witnesses }: TrustPage): string {
  const page = { org, origin, roots, threshold, ...(witnesses === undefined ? {} : { witnesses }) };
  return `${JSON.stringify(page, null, 2)}\n`;
}
