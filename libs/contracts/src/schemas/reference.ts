// Reference pages generated from the tables in the code, so that they cannot drift from it. Pure.
import { Codes } from '../codes.js';

const FAMILIES: Record<string, string> = {
  FRM: 'Frames and documents',
  DEC: 'Decisions',
  APR: 'Approval gates',
  RCP: 'Receipts and outcomes',
  REG: 'Registry',
  HLT: 'Halts',
  CON: 'Conduct',
  LED: 'Ledger',
  CLI: 'The writ command',
  ENF: 'Enforcement points',
  OBL: 'Obligations',
  BND: 'Boundaries and gates as documents',
  ADM: 'Admission of ledger messages',
  CFG: 'Configuration',
  KEY: 'Keys and private files',
  NATS: 'The NATS server',
  PG: 'Postgres',
  VLT: 'The vault',
  RUN: 'Running',
  VER: 'Verification',
  PRJ: 'Projections',
  API: 'The HTTP API',
};

const section = (family: string): string => {
  const rows = Object.entries(Codes).filter(([code]) => code.split('-')[1] === family);
  const lines = rows.map(([code, { title, next }]) => `| \`${code}\` | ${title} | ${next} |`);
  return [
    `## ${FAMILIES[family] ?? family}`,
    '',
    '| code | what happened | what to do next |',
    '|---|---|---|',
    ...lines,
    '',
  ].join('\n');
};

/** docs/reference/codes.md. */
export const codesPage = (): string => {
  const families = [...new Set(Object.keys(Codes).map((code) => code.split('-')[1] as string))];
  const head =
    '# Codes\n\nEvery code that Writ answers with. Generated from `libs/contracts/src/codes.ts`; a test fails when it drifts.\n';
  return [head, ...families.map(section)].join('\n');
};
