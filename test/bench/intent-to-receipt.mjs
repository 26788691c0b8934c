// Intent to receipt: the plane against four signatures, five verifications, two durable appends and two request-replies.
import { startServers } from '@writ/cli';
import {
  agent,
  agentKeyOf,
  folderOf,
  makeHome,
  plane,
  publicKeysOf,
  register,
  rssOf,
  runScript,
  startScript,
} from './stage.mjs';

const measurePlane = async (home, natsUrl, keys, seconds) => {
  const input = { folder: folderOf(home), natsUrl, keys, warmup: 1, seconds };
  const one = await runScript('load.mjs', { ...input, inFlight: 1 });
  const many = await runScript('load.mjs', { ...input, inFlight: 256 });
  return { one, many };
};

const measureBare = async (sizes, seconds) => {
  const { home, remove } = await makeHome();
  const servers = await startServers(home);
  const env = 'acme.shop.prod';
  const agentKey = agentKeyOf(home);
  const common = { home, natsUrl: servers.natsUrl, agentKey };
  const children = [
    await startScript('bare-service.mjs', {
      ...common,
      role: 'decision',
      kind: 'intent',
      subject: `gov.intent.${agent}`,
      ledgerSubject: `gov.ledger.decision.${env}`,
      verifications: 1,
      bytes: sizes.decision,
      answerBytes: sizes.decision,
    }),
    await startScript('bare-service.mjs', {
      ...common,
      role: 'receipt-ledger',
      kind: 'receipt-request',
      subject: `gov.receipt.${agent}`,
      ledgerSubject: `gov.ledger.authority.${env}`,
      verifications: 3,
      bytes: sizes.receipt,
      answerBytes: sizes.answer,
    }),
  ];
  try {
    return await measurePlane(home, servers.natsUrl, publicKeysOf(home, ['receipt-ledger']), seconds);
  } finally {
    for (const child of children) {
      child.removeAllListeners('exit');
      child.kill('SIGKILL');
    }
    await servers.stop();
    remove();
  }
};

const round = (value, digits = 2) => Number(value.toFixed(digits));

export const intentToReceipt = async ({ quick }) => {
  const seconds = quick ? 4 : 10;
  const { home, action, remove } = await makeHome();
  const up = await plane(home, ['registry', 'decision', 'receipt-ledger', 'kill-switch']);
  await register(home, up.servers.natsUrl, action);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const keys = publicKeysOf(home, ['receipt-ledger']);
  const real = await measurePlane(home, up.servers.natsUrl, keys, seconds);
  if (real.many.refused > 0 || real.one.refused > 0)
    process.stderr.write(`refused: ${real.many.refused}: ${real.many.first ?? real.one.first}\n`);
  const memory = Object.fromEntries([...up.supervisor.pids()].map(([service, pid]) => [service, rssOf(pid)]));
  await up.stop();
  remove();
  const bare = await measureBare(real.many.sizes, seconds);
  const throughput = real.many.perSecond / bare.many.perSecond;
  const latency = real.one.p50 / bare.one.p50;
  return {
    rows: [
      {
        what: 'intent to receipt, 256 in flight, per second',
        value: round(real.many.perSecond, 0),
        bare: round(bare.many.perSecond, 0),
        ratio: round(throughput),
        bound: '>= 0.5',
      },
      {
        what: 'intent to receipt, 1 in flight, p50 ms',
        value: round(real.one.p50),
        bare: round(bare.one.p50),
        ratio: round(latency),
        bound: '<= 3',
      },
      {
        what: 'intent to receipt, 256 in flight, p99 ms',
        value: round(real.many.p99),
        bare: round(bare.many.p99),
        ratio: round(real.many.p99 / bare.many.p99),
      },
    ],
    holds: (what, ratio) => (what.includes('per second') ? ratio >= 0.5 : ratio <= 3),
    memory,
    real,
    bare,
  };
};
