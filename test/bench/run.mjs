// `npm run bench`: the plane against bare limits measured in the same run. Writes .bench/results.json and a table.
import { mkdirSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { haltBench } from './halt.mjs';
import { intentToReceipt } from './intent-to-receipt.mjs';
import { projectorBench } from './projector.mjs';
import { sealerBench } from './sealer.mjs';
import { verifyBench } from './verify.mjs';

const quick = process.argv.includes('--quick');
const only = process.argv.find((a) => a.startsWith('--only='))?.slice(7);
const parts = {
  'intent-to-receipt': intentToReceipt,
  halt: haltBench,
  projector: projectorBench,
  verify: verifyBench,
  sealer: sealerBench,
};
const results = {};
for (const [name, part] of Object.entries(parts)) {
  if (only !== undefined && only !== name) continue;
  process.stderr.write(`measuring ${name} ...\n`);
  results[name] = await part({ quick });
}
mkdirSync('.bench', { recursive: true });
writeFileSync(
  '.bench/results.json',
  `${JSON.stringify({ cores: cpus().length, memory: totalmem(), quick, results }, null, 2)}\n`,
);
console.table(
  Object.values(results).flatMap((part) =>
    part.rows.map(({ what, value, bare, ratio, bound }) => ({
      what,
      value,
      bare,
      ratio,
      bound,
      ok: bound === undefined ? '' : part.holds(what, ratio),
    })),
  ),
);
const memory = Object.assign({}, ...Object.values(results).map((part) => part.memory ?? {}));
console.table(
  Object.entries(memory).map(([process, bytes]) => ({ process, MB: Math.round(bytes / 1048576) })),
);
process.exit(0);
