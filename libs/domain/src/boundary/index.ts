// The face of boundary within @writ/domain.
export { type BoundaryCheck, checkBoundary, checkGate, type GateCheck } from './check.js';
export { type CompiledBoundary, compileBoundary, disclosedFields } from './compile.js';
export { evaluate } from './evaluate.js';
export type { DocumentProblem, Finding as DocumentFinding } from './finding.js';
export { matchOperation, matchResource } from './match.js';
export { boundaryFindings, gateDocumentFindings, gatesNamed } from './meaning.js';
export type { ActionNames, EvaluationInput, EvidenceReading, Verdict } from './verdict.js';
