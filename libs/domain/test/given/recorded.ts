// Turns drafts into recorded events for specs: fills in an envelope and checks it against the published schema.
import { type LedgerDocument, parseLedgerDocument } from '@writ/contracts';
import type { Draft, Recorded } from '../../src/index.js';

/** 43 characters that pass for a digest, a kid or a public key; different for different numbers. */
export const digest = (n: number): string => `${String(n).padStart(10, '0')}${'A'.repeat(33)}`;

/** A UUIDv7 whose own time is `ms`. */
export const uuid = (ms: number, n = 0): string => {
  const hex = ms.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`;
};

export const iso = (ms: number): string => new Date(ms).toISOString();

const familyOf = (type: string): string => type.split('.')[1] as string;

const source: Readonly<Record<string, string>> = { registry: 'registry', decision: 'decision' };

/** The event as the ledger would hold it at `seq`; throws when it does not fit its schema. */
export const recorded = (draft: Draft, at: { seq: number; ver: number; time: string }): Recorded => {
  const family = familyOf(draft.type);
  const subject = `gov.ledger.${family}.${family === 'registry' ? 'acme' : 'acme.shop.prod'}`;
  const document = {
    specversion: '1.0',
    source: `/writ/${source[family]}`,
    subject,
    time: at.time,
    datacontenttype: 'application/json',
    kid: digest(1),
    seen: 0,
    ver: at.ver,
    prev: digest(0),
    ...draft,
  };
  const parsed = parseLedgerDocument(document);
  if (parsed.kind !== 'known') throw new Error(`${draft.type}: ${JSON.stringify(parsed)}`);
  return {
    seq: at.seq,
    subject,
    time: at.time,
    digest: digest(at.seq),
    document: document as LedgerDocument,
  };
};
