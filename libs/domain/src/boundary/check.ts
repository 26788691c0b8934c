// Checks a boundary or gate document as a person wrote it: syntax, schema, meaning; every finding with its place.
import { ApprovalGate, PermissionBoundary } from '@writ/contracts';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { type DocumentProblem, type Finding, pathText, problem } from './finding.js';
import { locate } from './locate.js';
import { boundaryFindings, gateDocumentFindings } from './meaning.js';

/** The longest document that is read, in characters. */
export const MAX_DOCUMENT_CHARS = 256 * 1024;

/** A checked boundary, or everything that is wrong with it. */
export type BoundaryCheck =
  | {
      readonly ok: true;
      readonly boundary: PermissionBoundary;
      readonly warnings: readonly DocumentProblem[];
    }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

/** A checked gate, or everything that is wrong with it. */
export type GateCheck =
  | { readonly ok: true; readonly gate: ApprovalGate; readonly warnings: readonly DocumentProblem[] }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

type Source = {
  readonly text: string;
  readonly file: string;
  readonly document: Document.Parsed;
  readonly lines: LineCounter;
};

type Issue = {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
  readonly keys?: readonly string[];
};

type Schema<T> = {
  readonly safeParse: (
    value: unknown,
  ) =>
    | { readonly success: true; readonly data: T }
    | { readonly success: false; readonly error: { readonly issues: readonly Issue[] } };
};

const placed = (source: Source, finding: Finding, atKey = false): DocumentProblem => ({
  code: finding.code,
  file: source.file,
  ...locate(source.text, source.document, source.lines, finding.path, { offset: finding.offset, atKey }),
  path: pathText(finding.path),
  reason: finding.reason,
});

const ofIssue = (source: Source, issue: Issue): readonly DocumentProblem[] => {
  const path = issue.path.map((part) => (typeof part === 'number' ? part : String(part)));
  if (issue.code === 'unrecognized_keys') {
    return (issue.keys ?? []).map((key) =>
      placed(source, problem('WRIT-BND-002', [...path, key], `'${key}' is not a field here`), true),
    );
  }
  return [placed(source, problem('WRIT-BND-002', path, issue.message))];
};

const syntaxProblems = (source: Source): readonly DocumentProblem[] =>
  source.document.errors.map((error) => {
    const { line, col } = source.lines.linePos(error.pos[0]);
    const reason = error.message.split('\n')[0] ?? 'not valid';
    return { code: 'WRIT-BND-001', file: source.file, line, column: col, path: '', reason };
  });

const tooLong = (file: string): readonly DocumentProblem[] => [
  {
    code: 'WRIT-BND-001',
    file,
    line: 1,
    column: 1,
    path: '',
    reason: `longer than ${MAX_DOCUMENT_CHARS} characters`,
  },
];

type Read<T> =
  | { readonly ok: true; readonly value: T; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly DocumentProblem[] };

const plain = (source: Source): { readonly value: unknown } | undefined => {
  try {
    return { value: source.document.toJS({ maxAliasCount: 0 }) };
  } catch {
    return undefined;
  }
};

const read = <T>(text: string, file: string, schema: Schema<T>): Read<T> => {
  if (text.length > MAX_DOCUMENT_CHARS) return { ok: false, problems: tooLong(file) };
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    strict: true,
    version: '1.2',
  });
  const source: Source = { text, file, document, lines };
  if (document.errors.length > 0) return { ok: false, problems: syntaxProblems(source) };
  const js = plain(source);
  if (js === undefined) {
    return { ok: false, problems: [placed(source, problem('WRIT-BND-001', [], 'aliases are not read'))] };
  }
  const parsed = schema.safeParse(js.value);
  if (parsed.success) return { ok: true, value: parsed.data, source };
  return { ok: false, problems: parsed.error.issues.flatMap((issue) => ofIssue(source, issue)) };
};

const judge = (source: Source, findings: readonly Finding[]) => {
  const of = (severity: Finding['severity']) =>
    findings.filter((f) => f.severity === severity).map((f) => placed(source, f));
  return { problems: of('problem'), warnings: of('warning') };
};

/**
 * Checks a PermissionBoundary in YAML 1.2 or JSON. Guarantees: never throws; strict (unknown fields are problems); the
 * result's `boundary` has its defaults filled in and is what is published. Codes WRIT-BND-001 (syntax), -002 (schema), -003
 * (condition), -004 (field not clear), -005 (gate not named), -006 (same id twice), -007 (rule never applies).
 */
export const checkBoundary = (text: string, file: string): BoundaryCheck => {
  const found = read<PermissionBoundary>(text, file, PermissionBoundary);
  if (!found.ok) return found;
  const { problems, warnings } = judge(found.source, boundaryFindings(found.value));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, boundary: found.value, warnings };
};

/** Checks an ApprovalGate in YAML 1.2 or JSON, as `checkBoundary` does: WRIT-BND-001, -002. Never throws. */
export const checkGate = (text: string, file: string): GateCheck => {
  const found = read<ApprovalGate>(text, file, ApprovalGate);
  if (!found.ok) return found;
  const { problems, warnings } = judge(found.source, gateDocumentFindings(found.value));
  return problems.length > 0 ? { ok: false, problems } : { ok: true, gate: found.value, warnings };
};
