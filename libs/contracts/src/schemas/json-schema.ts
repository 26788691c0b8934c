// JSON Schemas of the published language, one per type and version, from the zod schemas. Pure.
import { z } from 'zod';
import { PermissionBoundary } from '../boundary/boundary.js';
import { ledgerEvents, liveDocuments } from '../catalogue.js';
import { ApprovalGate } from '../gate/gate.js';

/** A file of proto-schemas: its path beneath the folder and its text. */
export type SchemaFile = { readonly path: string; readonly text: string };

const toSchema = (id: string, schema: z.ZodType): Record<string, unknown> => ({
  $id: `urn:writ:schema:${id}`,
  ...(z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' }) as Record<string, unknown>),
});

const file = (path: string, content: unknown): SchemaFile => ({
  path,
  text: `${JSON.stringify(content, null, 2)}\n`,
});

/** `events/<type>.schema.json`, `live/<type>.schema.json`, `documents/<kind>.schema.json` (JSON Schema 2020-12). */
export const schemaFiles = (): readonly SchemaFile[] => [
  ...Object.entries(ledgerEvents).map(([type, schema]) =>
    file(`events/${type}.schema.json`, toSchema(type, schema)),
  ),
  ...Object.entries(liveDocuments).map(([kind, schema]) =>
    file(`live/writ.${kind}.v1.schema.json`, toSchema(`writ.${kind}.v1`, schema)),
  ),
  file('documents/permission-boundary.schema.json', toSchema('permission-boundary', PermissionBoundary)),
  file('documents/approval-gate.schema.json', toSchema('approval-gate', ApprovalGate)),
];
