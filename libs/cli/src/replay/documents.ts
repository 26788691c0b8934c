// Owns the documents under which runs are replayed: the boundary, and a gate for every name that it uses. It publishes nothing.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type {
  ApprovalGate,
  BlastRadius,
  PermissionBoundary,
  Reversibility,
  Rule,
  Scope,
} from '@writ/contracts';
import { gatesNamed, isConsequential, matchOperation, matchResource } from '@writ/domain';
import { type Checked, loadDocument, problemLine } from '../document/load.js';
import { fault } from '../fault.js';

/** Checked documents, each for the scope that it names itself. `digest` is that of the boundary as written. */
export type ReplayDocuments = {
  readonly boundary: PermissionBoundary;
  readonly digest: string;
  readonly gates: readonly ApprovalGate[];
  /** Names of gates for which no document was found, and which were therefore made up. */
  readonly standIns: readonly string[];
};

/**
 * Loads the boundary and the gates that it names: from the files given, else from `gate.yaml` beside the boundary, else a stand-in
 * (one approver, ten minutes, then no): nobody votes in a replay. WRIT-CLI-002 for a file of the wrong kind, WRIT-BND-* with file,
 * line and path for one that is not valid.
 */
export function loadReplayDocuments(boundaryFile: string, gateFiles: readonly string[]): ReplayDocuments {
  const checked = load(boundaryFile);
  if (checked.kind !== 'PermissionBoundary')
    return fault('WRIT-CLI-002', `${boundaryFile} is not a PermissionBoundary`);
  const found = (gateFiles.length > 0 ? gateFiles : besides(boundaryFile)).map(loadGate);
  const named = gatesNamed(checked.document);
  const gates = named.map((name) => found.find((gate) => gate.metadata.name === name));
  return {
    boundary: checked.document,
    digest: checked.digest,
    gates: gates.map((gate, n) => gate ?? standIn(named[n] as string, checked.document.metadata.scope)),
    standIns: named.filter((_, n) => gates[n] === undefined),
  };
}

function load(file: string): Checked {
  const checked = loadDocument(file);
  if (checked.ok) return checked;
  const { code } = checked.problems[0] ?? { code: 'WRIT-BND-002' as const };
  return fault(code, checked.problems.map(problemLine).join('\n        '));
}

function loadGate(file: string): ApprovalGate {
  const checked = load(file);
  return checked.kind === 'ApprovalGate'
    ? checked.document
    : fault('WRIT-CLI-002', `${file} is not an ApprovalGate`);
}

function besides(boundaryFile: string): readonly string[] {
  return ['gate.yaml', 'gate.yml', 'gate.json']
    .map((name) => join(dirname(boundaryFile), name))
    .filter(existsSync);
}

function standIn(name: string, scope: Scope): ApprovalGate {
  return {
    apiVersion: 'writ/v1',
    kind: 'ApprovalGate',
    metadata: { name, scope },
    spec: {
      type: 'human',
      approvers: { people: [], roles: ['approver'] },
      ...{ quorum: 1, deadlineSeconds: 600, fallback: 'deny', excludeOwner: false, grantSeconds: 300 },
    },
  };
}

/** The same document for another scope: nothing else changes, and so the digest does. */
export function atScope<D extends PermissionBoundary | ApprovalGate>(document: D, scope: Scope): D {
  return { ...document, metadata: { ...document.metadata, scope } };
}

/**
 * Which tools have consequences. By patterns of names where they are given; else as the boundary says: a tool is harmless when the
 * rules that permit or gate it (there is one at least) call it reversible and of a single record.
 */
export function consequentialTools(
  boundary: PermissionBoundary,
  patterns: readonly string[],
): (tool: string) => boolean {
  if (patterns.length > 0) return (tool) => patterns.some((pattern) => matchOperation(pattern, tool));
  return (tool) => {
    const covering = boundary.spec.rules.filter((rule) => rule.effect !== 'deny' && covers(rule, tool));
    return covering.length === 0 || covering.some(hasConsequences);
  };
}

const covers = (rule: Rule, tool: string): boolean =>
  matchResource(rule.resource, resourceOf(tool)) &&
  rule.operations.some((pattern) => matchOperation(pattern, tool));

const hasConsequences = (rule: { reversibility: Reversibility; blastRadius: BlastRadius }): boolean =>
  isConsequential(rule.reversibility, rule.blastRadius);

/** The resource of a call: the tool itself. */
export function resourceOf(tool: string): string {
  return `tool:${tool}`;
}
