// Reads the sample's documents from docs/examples/orders, so that what people read is what runs. Only when asked.
import { readFileSync } from 'node:fs';

const read = (name: string): string =>
  readFileSync(new URL(`../../../../docs/examples/orders/${name}`, import.meta.url), 'utf8');

/** The text of the sample's gate and of the agent's boundary. */
export const sampleDocuments = (): { readonly gate: string; readonly boundary: string } => ({
  gate: read('gate.yaml'),
  boundary: read('boundary.yaml'),
});
