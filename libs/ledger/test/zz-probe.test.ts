import {test} from 'vitest';
import { connect } from '@nats-io/transport-node';
import { startNats } from '/work/main/libs/ledger/test/nats-process.js';
import { ensureStreams, verifyStreams, checkSync } from '/work/main/libs/ledger/src/jetstream/streams.js';
test('x', async()=>{
const s = await startNats();
const nc = await connect({ servers: s.url() });
console.log(await ensureStreams(nc, { replicas: 1 }));
console.log(await verifyStreams(nc));
console.log(await (await fetch(s.monitor() + '/varz')).json().then((v) => v.jetstream));
console.log((await (await fetch(s.monitor() + '/jsz?config=true')).json()).config);
console.log(checkSync(await (await fetch(s.monitor() + '/varz')).json()));
await nc.close(); await s.stop();

});
