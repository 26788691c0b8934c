// What the measurements share: an installation with one agent and a boundary that declares every argument clear.
import { execFile, fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bringUp } from '@writ/cli';
import { readKeyFile, splitFrames } from '@writ/crypto';
import { addAgent, connectBus, initInstallation, signLive } from '@writ/runtime';

export const agent = 'acme.shop.prod.ops';
export const folderOf = (home) => join(home, 'agents', agent);

export const makeHome = async () => {
  const home = join(mkdtempSync(join(tmpdir(), 'writ-bench-')), '.writ');
  initInstallation({
    home,
    org: 'acme',
    admin: 'alice',
    environments: [{ project: 'shop', environment: 'prod' }],
  });
  const { action } = await addAgent(home, { agent, owner: 'alice' });
  return { home, action, remove: () => rmSync(join(home, '..'), { recursive: true, force: true }) };
};

const readRule = {
  id: 'read',
  resource: 'postgres:orders/**',
  operations: ['select'],
  effect: 'permit',
  reversibility: 'reversible',
  blastRadius: 'single',
  obligations: [],
};

const boundary = {
  apiVersion: 'writ/v1',
  kind: 'PermissionBoundary',
  metadata: { name: 'bench', scope: agent },
  spec: {
    task: 'be measured',
    level: 1,
    autonomy: 'autonomous',
    clear: ['args.table', 'args.rows', 'args.note'],
    default: { effect: 'deny' },
    permitSeconds: 300,
    receiptSeconds: 60,
    limits: [],
    rules: [{ ...readRule, when: "args.rows <= 10 && args.table != '' && args.note != ''" }],
  },
};

/** No argument is clear, so that no condition may read one: every disclosure of an intent goes to the vault. */
const closedBoundary = { ...boundary, spec: { ...boundary.spec, clear: [], rules: [readRule] } };

/** Sends registry actions as alice, one after the other; each is made against the version that the one before gave. */
export const registerAll = async (home, natsUrl, actions, from = 10) => {
  const key = readKeyFile(join(home, 'people/alice/person.jwk'));
  const bus = await connectBus({
    url: natsUrl,
    seedFile: join(home, 'people/alice/person.nk'),
    inboxPrefix: '_INBOX.alice',
    name: 'alice',
  });
  const subject = 'gov.command.registry.acme.alice';
  let version = from;
  for (const action of actions) {
    const data = { action, expires: new Date(Date.now() + 60_000).toISOString(), version };
    const [frame] = splitFrames(
      (await bus.request(subject, signLive('command', subject, data, key).bytes, { timeout: 5000 })).data,
    );
    const { signed } = JSON.parse(Buffer.from(frame).toString());
    if (signed.type === 'writ.refusal.v1') throw new Error(JSON.stringify(signed.data));
    version = signed.ver;
    // The registry takes 50 commands a second from one person.
    if (actions.length > 150) await new Promise((resolve) => setTimeout(resolve, 18));
  }
  await bus.close();
};

export const register = (home, natsUrl, action, { vault = false } = {}) =>
  registerAll(home, natsUrl, [
    action,
    { do: 'publish-boundary', boundary: vault ? closedBoundary : boundary },
  ]);

/** `services`: only these; all of them when absent. */
export const plane = (home, services) => bringUp(home, services === undefined ? {} : { services });

export const publicKeysOf = (home, roles) =>
  roles.map((role) => readKeyFile(join(home, 'keys', `${role}.jwk`)).x);
export const agentKeyOf = (home) => readKeyFile(join(folderOf(home), 'agent.jwk')).x;

export const runScript = async (name, input) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [join(import.meta.dirname, name), JSON.stringify(input)],
    { maxBuffer: 1 << 26 },
  );
  return JSON.parse(stdout.trim().split('\n').at(-1));
};

export const startScript = (name, input) =>
  new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, name), [JSON.stringify(input)], {
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`${name} ended with ${code}`)));
  });

export const rssOf = (pid) => {
  const line = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(line?.[1] ?? 0) * 1024;
};
