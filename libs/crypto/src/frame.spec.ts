import { DocumentLimits, type JsonValue } from '@writ/contracts';
import { describe, expect, it } from 'vitest';
import { canonicalize } from './canonical.js';
import { digestOf } from './digest.js';
import { assembleFrame, FRAME_OFFSETS, FRAME_PREFIX_BYTES, frameBytes, readFrame } from './frame.js';
import { generateKeyPair, type KeyPair } from './keys.js';
import { openFrame, openFrameAsync } from './open-frame.js';
import { pae } from './pae.js';
import { FrameError, signFrame, signFrameAsync } from './sign-frame.js';
import { signBytes } from './strict.js';

const TYPE = 'application/vnd.writ.intent+json';
const key = generateKeyPair();
const document = { kid: key.kid, data: { amount: '12.50', list: [1, 2, 3] } };
const frame = signFrame(TYPE, document, key);

/** Signs any bytes, canonical or not, as only an attacker with a registered key would. */
const signRaw = (text: string, by: KeyPair = key): Uint8Array => {
  const bytes = Buffer.from(text);
  return assembleFrame(by.kid, Buffer.from(signBytes(by, pae(TYPE, bytes))).toString('base64url'), bytes);
};

const codeOf = (bytes: Uint8Array, type = TYPE, source: Parameters<typeof openFrame>[2] = key): string => {
  const opened = openFrame(bytes, type, source);
  return opened.ok ? 'ok' : opened.code;
};

describe('a signed frame', () => {
  it('is one canonical JSON text with a prefix of 157 bytes', () => {
    const text = Buffer.from(frame).toString();
    expect(FRAME_PREFIX_BYTES).toBe(157);
    expect(FRAME_OFFSETS).toEqual({ kid: 8, sig: 60, document: 157 });
    expect(canonicalize(JSON.parse(text))).toBe(text);
    expect(text.slice(157, -1)).toBe(canonicalize(document));
  });

  it('opens to its document, digest, key id and signature, in both forms', async () => {
    const opened = openFrame(frame, TYPE, key);
    expect(opened).toEqual({
      ok: true,
      document,
      digest: digestOf(TYPE, Buffer.from(canonicalize(document))),
      kid: key.kid,
      sig: JSON.parse(Buffer.from(frame).toString()).sig,
    });
    expect(await openFrameAsync(frame, TYPE, key)).toEqual(opened);
  });

  it('is the same bytes whenever and however it is signed', async () => {
    expect(signFrame(TYPE, { data: document.data, kid: key.kid }, key)).toEqual(frame);
    expect(await signFrameAsync(TYPE, document, key)).toEqual(frame);
  });

  it('comes back byte for byte from where it was embedded', () => {
    const opened = openFrame(frame, TYPE, key);
    if (!opened.ok) throw new Error(opened.reason);
    expect(frameBytes({ kid: opened.kid, sig: opened.sig, signed: opened.document })).toEqual(frame);
    expect(() => frameBytes({ kid: 'x', sig: opened.sig, signed: {} })).toThrow(TypeError);
  });

  it('is a slice of the message, from any offset in a larger buffer', () => {
    const large = Buffer.concat([Buffer.from('xx'), frame]);
    const read = readFrame(large.subarray(2));
    expect(read.ok && read.frame.document.buffer).toBe(large.buffer);
    expect(codeOf(new Uint8Array(large.buffer, large.byteOffset + 2, frame.length))).toBe('ok');
  });

  it('is refused under another payload type: a live document is never a ledger event', () => {
    expect(codeOf(frame, 'application/vnd.writ.event+json')).toBe('WRIT-FRM-003');
  });

  it('is refused when its key is not known, or another is expected', () => {
    expect(codeOf(frame, TYPE, generateKeyPair())).toBe('WRIT-FRM-005');
    expect(codeOf(frame, TYPE, () => undefined)).toBe('WRIT-FRM-005');
    expect(codeOf(frame, TYPE, () => generateKeyPair())).toBe('WRIT-FRM-005');
    expect(codeOf(frame, TYPE, (kid) => (kid === key.kid ? key : undefined))).toBe('ok');
  });

  it('is refused when the document names another key than the frame, though the signature holds', () => {
    const other = generateKeyPair();
    expect(codeOf(signRaw(canonicalize({ kid: other.kid })))).toBe('WRIT-FRM-001');
    for (const text of ['{}', '[]', '12', '""', 'null', `["${key.kid}"]`]) {
      expect(codeOf(signRaw(text)), text).toBe('WRIT-FRM-001');
    }
  });

  it('is refused when validly signed bytes are not canonical', () => {
    const kid = `"kid":"${key.kid}"`;
    expect(codeOf(signRaw(`{${kid},"n":1}`))).toBe('ok');
    for (const text of [
      `{${kid},"n":1,"n":1}`,
      `{"n":1,${kid}}`,
      `{${kid}, "n":1}`,
      `{${kid},"n":1.0}`,
      `{${kid},"n":-0}`,
      `{${kid}`,
    ]) {
      expect(codeOf(signRaw(text)), text).toBe('WRIT-FRM-004');
    }
  });

  it('is held to the limits of its kind before anything is verified', () => {
    const padded = (size: number): JsonValue => ({
      kid: key.kid,
      z: 'z'.repeat(size - canonicalize({ kid: key.kid, z: '' }).length),
    });
    const limits = DocumentLimits.intent;
    const largest = signFrame(TYPE, padded(limits.maxBytes), key);
    const larger = signFrame(TYPE, padded(limits.maxBytes + 1), key);
    const refuseKey = () => {
      throw new Error('looked up');
    };
    expect(openFrame(largest, TYPE, key, limits).ok).toBe(true);
    expect(openFrame(larger, TYPE, refuseKey, limits)).toMatchObject({ code: 'WRIT-FRM-002' });
    expect(() => signFrame(TYPE, padded(DocumentLimits.any.maxBytes + 1), key)).toThrow(FrameError);
  });

  it('is refused when too deep', () => {
    const deep = (levels: number) =>
      `{"kid":"${key.kid}","z":${'['.repeat(levels - 1)}${']'.repeat(levels - 1)}}`;
    expect(codeOf(signRaw(deep(32)))).toBe('ok');
    expect(codeOf(signRaw(deep(33)))).toBe('WRIT-FRM-012');
    expect(openFrame(signRaw(deep(25)), TYPE, key, DocumentLimits.intent)).toMatchObject({
      code: 'WRIT-FRM-012',
    });
    expect(() => signFrame(TYPE, JSON.parse(deep(33)), key)).toThrow(FrameError);
  });

  it('is never made for a document that does not name the key or has no canonical form', async () => {
    const codes = [{ kid: 'x' }, {}, [], null, { kid: key.kid, n: 0.5 }, { kid: key.kid, n: undefined }].map(
      (bad) => {
        try {
          signFrame(TYPE, bad as unknown as JsonValue, key);
          return 'signed';
        } catch (error) {
          return (error as FrameError).code;
        }
      },
    );
    expect(codes).toEqual([...Array(4).fill('WRIT-FRM-001'), 'WRIT-FRM-004', 'WRIT-FRM-004']);
    await expect(signFrameAsync(TYPE, {}, key)).rejects.toThrow(FrameError);
  });

  it('is read as it was when the call was made, though the buffer is reused while it is verified', async () => {
    const buffer = Uint8Array.from(frame);
    const pending = openFrameAsync(buffer, TYPE, key);
    buffer.fill(0x20);
    expect(await pending).toMatchObject({ ok: true, document });
  });
});
