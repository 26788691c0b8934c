// Owns reading a boundary or gate file: the kind in the document decides which check it gets. It publishes nothing.
import { readFileSync } from 'node:fs';
import type { ApprovalGate, PermissionBoundary, RegistryAction } from '@writ/contracts';
import { canonicalize, type JsonValue, sha256 } from '@writ/crypto';
import { checkBoundary, checkGate, type DocumentProblem } from '@writ/domain';
import { parseDocument } from 'yaml';
import { fault } from '../fault.js';

/** A document fit to be published; its digest names it in the ledger. */
export type Checked = {
  readonly ok: true;
  readonly digest: string;
  readonly warnings: readonly DocumentProblem[];
} & (
  | { readonly kind: 'PermissionBoundary'; readonly document: PermissionBoundary }
  | { readonly kind: 'ApprovalGate'; readonly document: ApprovalGate }
);

/** Everything that is wrong with a document. */
export type Unfit = { readonly ok: false; readonly problems: readonly DocumentProblem[] };

/** Reads and checks a file. WRIT-CLI-002 when it cannot be read. */
export function loadDocument(file: string): Checked | Unfit {
  return checkDocument(readText(file), file);
}

/** Checks a text in YAML or JSON. A document of no known kind is checked as a boundary, so that its findings say what lacks. */
export function checkDocument(text: string, file: string): Checked | Unfit {
  if (kindOf(text) === 'ApprovalGate') {
    const checked = checkGate(text, file);
    return checked.ok ? found('ApprovalGate', checked.gate, checked.warnings) : checked;
  }
  const checked = checkBoundary(text, file);
  return checked.ok ? found('PermissionBoundary', checked.boundary, checked.warnings) : checked;
}

/** The command that publishes it. */
export function publishAction(checked: Checked): RegistryAction {
  return checked.kind === 'ApprovalGate'
    ? { do: 'publish-gate', gate: checked.document }
    : { do: 'publish-boundary', boundary: checked.document };
}

/** `file:line:column CODE path: reason`, as editors and terminals follow it. */
export function problemLine({ file, line, column, code, path, reason }: DocumentProblem): string {
  return `${file}:${line}:${column} ${code} ${path === '' ? '' : `${path}: `}${reason}`;
}

function found<K extends Checked['kind'], D>(kind: K, document: D, warnings: readonly DocumentProblem[]) {
  const digest = sha256(canonicalize(document as unknown as JsonValue));
  return { ok: true, kind, document, digest, warnings } as unknown as Checked;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    return fault(
      'WRIT-CLI-002',
      `${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}`,
    );
  }
}

function kindOf(text: string): unknown {
  try {
    return parseDocument(text, { prettyErrors: false, logLevel: 'silent' }).get('kind');
  } catch {
    return undefined;
  }
}
