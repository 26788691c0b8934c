// The contract suite on the memory ledger.
import { type AppendFault, createMemoryLedger } from '../src/index.js';
import { ledgerContract } from './contract/suite.js';

const faults = new Set<string>();
let lost = 0;
const ledger = createMemoryLedger({
  fault: ({ subject }): AppendFault => {
    if (!faults.delete(subject)) return 'none';
    lost += 1;
    return 'lose-ack';
  },
});

ledgerContract('memory', () => ({
  open: async () => ledger,
  openLossy: async () => ({
    ledger,
    loseNextAck: (subject) => faults.add(subject),
    lost: () => lost,
  }),
}));
