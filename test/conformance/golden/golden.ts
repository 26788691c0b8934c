// Golden signed documents: one frame per type and version, made once and never edited. Only missing ones are ever added.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  LEDGER_PAYLOAD_TYPE,
  type LiveKind,
  ledgerEvents,
  liveDocuments,
  livePayloadType,
} from '@writ/contracts';
import { keyPairFromSeed, signFrame } from '@writ/crypto';
import { z } from 'zod';
import { sampleOf } from './sample.js';

const folder = join(import.meta.dirname, '../../../proto-schemas/golden');

/** A published test key: never use it for anything else. */
export const goldenKey = keyPairFromSeed(new Uint8Array(32).fill(7));

/** One type of signed document: its schema, payload type, and where its golden frame stands. */
export type GoldenType = {
  readonly type: string;
  readonly schema: z.ZodType;
  readonly payloadType: string;
  readonly file: string;
};

/** Every type of this version. */
export const goldenTypes: readonly GoldenType[] = [
  ...Object.entries(ledgerEvents).map(([type, schema]) => ({
    type,
    schema,
    payloadType: LEDGER_PAYLOAD_TYPE,
  })),
  ...Object.entries(liveDocuments).map(([kind, schema]) => ({
    type: `writ.${kind}.v1`,
    schema,
    payloadType: livePayloadType(kind as LiveKind),
  })),
].map((entry) => ({ ...entry, file: join(folder, `${entry.type}.frame`) }));

const make = ({ schema, payloadType }: GoldenType): Uint8Array => {
  const json = z.toJSONSchema(schema, { io: 'input' });
  const document = { ...(sampleOf(json as never) as object), kid: goldenKey.kid };
  return signFrame(payloadType, schema.parse(document) as object, goldenKey);
};

/** Adds the golden frames that are missing; touches none that is there. Returns the added types. */
export const addMissing = (): readonly string[] => {
  mkdirSync(folder, { recursive: true });
  const missing = goldenTypes.filter(({ file }) => !existsSync(file));
  for (const entry of missing) writeFileSync(entry.file, make(entry), { flag: 'wx' });
  return missing.map(({ type }) => type);
};

/** The golden frame of a type. */
export const readGolden = ({ file }: GoldenType): Uint8Array | undefined =>
  existsSync(file) ? readFileSync(file) : undefined;
