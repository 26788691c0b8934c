// The one contract suite, run against every implementation of the ledger.
import { describe } from 'vitest';
import type { Harness } from './harness.js';
import { portContract } from './port.js';
import { writerEndingsContract } from './writer-endings.js';
import { writerContract } from './writers.js';

export const ledgerContract = (name: string, harness: () => Harness): void => {
  describe(`the ledger on ${name}`, () => portContract(harness));
  describe(`writers on ${name}`, () => writerContract(harness));
  describe(`commands that do not end well on ${name}`, () => writerEndingsContract(harness));
};
