// Checkpoints and signed notes: one spelling each, known keys only, and a bad signature of a known key refuses the whole note.
import {
  type Checkpoint,
  checkpointText,
  cosignNote,
  extensionOf,
  generateKeyPair,
  leafHash,
  type NoteKey,
  noteText,
  readCheckpoint,
  readNote,
  readVerifierKey,
  signNote,
  verifierKey,
  verifyNote,
} from '@writ/crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const checkpoint: Checkpoint = {
  origin: 'writ/acme/x',
  size: 12,
  root: leafHash('root'),
  extensions: ['heads abc', 'time 2026-01-02T03:04:05.678Z'],
};
const text = checkpointText(checkpoint);
const log = generateKeyPair();
const witness = generateKeyPair();
const logKey: NoteKey = { kind: 'log', name: checkpoint.origin, key: log };
const witnessKey: NoteKey = { kind: 'witness', name: 'watch.example/w1', key: witness };
const signed = noteText({
  text,
  signatures: [
    signNote(text, checkpoint.origin, log),
    cosignNote(text, witnessKey.name, witness, 1_700_000_000),
  ],
});

describe('a checkpoint', () => {
  it('reads back as what was written, extension lines included', () => {
    expect(readCheckpoint(text)).toEqual(checkpoint);
    expect(extensionOf(checkpoint, 'heads')).toBe('abc');
    expect(extensionOf(checkpoint, 'none')).toBeUndefined();
    expect(extensionOf({ ...checkpoint, extensions: ['heads a', 'heads b'] }, 'heads')).toBeUndefined();
  });

  it.each([
    ['no line feed at the end', text.slice(0, -1)],
    ['a leading zero', text.replace('\n12\n', '\n012\n')],
    ['a negative size', text.replace('\n12\n', '\n-1\n')],
    ['a size beyond the safe integers', text.replace('\n12\n', '\n9999999999999999\n')],
    ['another spelling of the root', text.replace('=\n', '\n')],
    ['an empty extension line', text.replace('heads abc', '')],
    ['an empty origin', text.replace('writ/acme/x', '')],
    ['a carriage return', text.replace('heads abc', 'heads abc\r')],
  ])('is refused with %s', (_, other) => {
    expect(other).not.toBe(text);
    expect(readCheckpoint(other)).toBeUndefined();
  });

  it('is not written when it would read back as another', () => {
    expect(() => checkpointText({ ...checkpoint, origin: 'a\n7' })).toThrow(RangeError);
    expect(() => checkpointText({ ...checkpoint, size: -1 })).toThrow(RangeError);
    expect(() => checkpointText({ ...checkpoint, extensions: [''] })).toThrow(RangeError);
  });
});

describe('a signed note', () => {
  it('is verified under the public example key of the format', () => {
    const key = readVerifierKey('PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW');
    const note = readNote(
      'If you think cryptography is the answer to your problem,\nthen you don’t know what your problem is.\n\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n'.replace(
        '’',
        "'",
      ),
    );
    expect(key).toBeDefined();
    expect(note && key && verifyNote(note, [key])).toMatchObject({ ok: true, signers: [{ key }] });
  });

  it('names the log and the witness that signed it, the witness with its time', () => {
    const note = readNote(signed);
    expect(note && noteText(note)).toBe(signed);
    expect(note && verifyNote(note, [logKey, witnessKey])).toEqual({
      ok: true,
      signers: [{ key: logKey }, { key: witnessKey, at: 1_700_000_000 }],
    });
  });

  it('passes over keys that nobody has named, under a known name too', () => {
    const stranger: NoteKey = { ...logKey, key: generateKeyPair() };
    const note = readNote(signed);
    expect(note && verifyNote(note, [stranger])).toEqual({ ok: true, signers: [] });
  });

  it('is refused as a whole when a known key did not sign this text', () => {
    const note = readNote(signed.replace('\n12\n', '\n13\n'));
    expect(note && verifyNote(note, [witnessKey])).toEqual({ ok: false, bad: witnessKey });
    expect(note && verifyNote(note, [logKey])).toEqual({ ok: false, bad: logKey });
  });

  it('a log key and a witness key of the same bytes are two keys', () => {
    const asWitness: NoteKey = { ...logKey, kind: 'witness' };
    expect(verifierKey(asWitness)).not.toBe(verifierKey(logKey));
    expect(readVerifierKey(verifierKey(asWitness))).toMatchObject({ kind: 'witness', name: logKey.name });
    expect(readVerifierKey(`${verifierKey(logKey)}=`)).toBeUndefined();
    expect(readVerifierKey(verifierKey(logKey).replace('+', '+0'))).toBeUndefined();
  });

  it('no change of one byte of a note verifies as the same text by both keys', () => {
    const bytes = Buffer.from(signed, 'utf8');
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = Buffer.from(bytes);
        other[at] = (other[at] as number) ^ change;
        const note = readNote(other.toString('utf8'));
        const verdict = note && verifyNote(note, [logKey, witnessKey]);
        const signers = verdict?.ok === true ? verdict.signers.length : 0;
        expect(signers).toBeLessThan(2);
      }),
      { numRuns: 2_000 },
    );
  });
});
