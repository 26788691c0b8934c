#!/usr/bin/env node
// A sample signer (docs/reference/signer-protocol.md): reads requests from standard input, signs with the key of a PEM file, answers on
// standard output. Where it says `sign(...)` a real one asks its KMS or HSM. Usage: sample-signer.mjs PRIVATE-KEY.pem
import { createHash, createPrivateKey, createPublicKey, sign } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const key = createPrivateKey(readFileSync(process.argv[2]));
const { x } = createPublicKey(key).export({ format: 'jwk' });
// RFC 7638 thumbprint: the id by which Writ knows the key.
const kid = createHash('sha256').update(`{"crv":"Ed25519","kty":"OKP","x":"${x}"}`).digest('base64url');

const PAYLOAD_TYPE = /^DSSEv1 \d+ application\/vnd\.writ\.[a-z-]+\+json /;

const answerTo = ({ id, kid: asked, payload }) => {
  if (asked !== kid) return { id, error: 'another key' };
  const bytes = Buffer.from(payload, 'base64url');
  // A signer may refuse kinds of document: this one signs documents of Writ, and nothing else.
  if (!PAYLOAD_TYPE.test(bytes.subarray(0, 100).toString('latin1')))
    return { id, error: 'not a document of Writ' };
  return { id, sig: sign(null, bytes, key).toString('base64url') };
};

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(answerTo(JSON.parse(line)))}\n`);
}
