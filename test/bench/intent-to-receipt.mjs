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

const NEEDED = ['registry', 'decision', 'receipt-ledger', 'kill-switch'];

const measureRunning = async (home, up, action, { seconds, vault }) => {
  await register(home, up.servers.natsUrl, action, { vault });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const keys = publicKeysOf(home, ['receipt-ledger']);
  const real = await measurePlane(home, up.servers.natsUrl, keys, seconds);
  if (real.many.refused > 0 || real.one.refused > 0)
    process.stderr.write(`refused: ${real.many.refused}: ${real.many.first ?? real.one.first}\n`);
  const memory = [...up.supervisor.pids()].map(([service, pid]) => [service, rssOf(pid)]);
  return { ...real, memory: Object.fromEntries(memory) };
};

/** A plane of its own, measured and gone again. `services`: all when absent. */
const measured = async (services, how) => {
  const { home, action, remove } = await makeHome();
  try {
    const up = await plane(home, services);
    return await measureRunning(home, up, action, how).finally(() => up.stop());
  } finally {
    remove();
  }
};

const rowsOf = ({ one, many }, bare, how = '') => [
  {
    what: `intent to receipt${how}, 256 in flight, per second`,
    value: round(many.perSecond, 0),
    bare: round(bare.many.perSecond, 0),
    ratio: round(many.perSecond / bare.many.perSecond),
  },
  {
    what: `intent to receipt${how}, 1 in flight, p50 ms`,
    value: round(one.p50),
    bare: round(bare.one.p50),
    ratio: round(one.p50 / bare.one.p50),
  },
  {
    what: `intent to receipt${how}, 256 in flight, p99 ms`,
    value: round(many.p99),
    bare: round(bare.many.p99),
    ratio: round(many.p99 / bare.many.p99),
  },
];

const BOUNDS = ['>= 0.5', '<= 3'];

/**
 * With a bound: the services that the path needs, and arguments that are clear. Without one, against the same bare limit: every
 * service running, and arguments that are private, so that their disclosures are durable in the vault first.
 */
export const intentToReceipt = async ({ quick }) => {
  const seconds = quick ? 4 : 10;
  const beside = quick ? 2 : 10;
  const { memory, ...real } = await measured(NEEDED, { seconds });
  const everything = await measured(undefined, { seconds: beside });
  const vault = await measured(NEEDED, { seconds: beside, vault: true });
  const bare = await measureBare(real.many.sizes, seconds);
  return {
    rows: [
      ...rowsOf(real, bare).map((row, n) => (BOUNDS[n] === undefined ? row : { ...row, bound: BOUNDS[n] })),
      ...rowsOf(everything, bare, ', with everything on'),
      ...rowsOf(vault, bare, ', with the vault'),
    ],
    holds: (what, ratio) => (what.includes('per second') ? ratio >= 0.5 : ratio <= 3),
    ...{ memory, real, everything, vault, bare },
  };
};
