// Reads the sample's documents from docs/examples/orders, so that what people read is what runs.
import { readFileSync } from 'node:fs';

const read = (name: string): string =>
  readFileSync(new URL(`../../../../docs/examples/orders/${name}`, import.meta.url), 'utf8');

/** The agent's permission boundary. */
export const BOUNDARY = read('boundary.yaml');
/** The gate that it names. */
export const GATE = read('gate.yaml');
