// The thread that opens frames: signature, canonical form, digest. It knows only the keys it is sent, and judges nothing.
import { parentPort } from 'node:worker_threads';
import { DocumentLimits, LEDGER_PAYLOAD_TYPE } from '@writ/contracts';
import { importPublic, openFrame } from '@writ/crypto';
import { failure, type OpenAnswer, type OpenRequest } from './open-messages.js';

const open = ({ id, bytes, ends, keys, keyOf }: OpenRequest): OpenAnswer => {
  const publicKeys = keys.map(importPublic);
  const digests: string[] = [];
  const failures: OpenAnswer['failures'] = {};
  for (const [n, end] of ends.entries()) {
    const frame = bytes.subarray(n === 0 ? 0 : ends[n - 1], end);
    const opened = openFrame(frame, LEDGER_PAYLOAD_TYPE, publicKeys[keyOf[n]!]!, DocumentLimits.any);
    digests.push(opened.ok ? opened.digest : '');
    if (!opened.ok) failures[n] = failure(opened.code, opened.reason);
  }
  return { id, digests, failures };
};

parentPort?.on('message', (request: OpenRequest) => parentPort?.postMessage(open(request)));
