// Owns how the real ports of a started nats-server are learnt: from the file that the server writes. It never guesses a port.
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';

/** The ports a server listens on. */
export type ServerPorts = { readonly client: number; readonly monitor?: number };

/** The ports in the file of `pid` beneath `dir`, once the server has written it. */
export function readPorts(dir: string, pid: number): ServerPorts | undefined {
  try {
    const name = readdirSync(dir).find((entry) => entry.endsWith(`_${pid}.ports`));
    if (name === undefined) return undefined;
    const file = JSON.parse(readFileSync(join(dir, name), 'utf8')) as Record<string, string[]>;
    const client = portOf(file['nats']?.[0]);
    const monitor = portOf(file['monitoring']?.[0]);
    return client === undefined ? undefined : { client, ...(monitor === undefined ? {} : { monitor }) };
  } catch {
    return undefined;
  }
}

/** Takes away what killed servers left in `dir`. */
export function clearPorts(dir: string): void {
  for (const name of readdirSync(dir))
    if (/_\d+\.ports$/.test(name)) rmSync(join(dir, name), { force: true });
}

function portOf(url: string | undefined): number | undefined {
  return url === undefined ? undefined : Number(new URL(url).port) || undefined;
}

/** `count` different ports of loopback that were free a moment ago: for what cannot choose its own; start again when taken. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  await Promise.all(
    servers.map((s) => new Promise<void>((done) => void s.listen(0, '127.0.0.1', () => done()))),
  );
  const ports = servers.map((s) => (s.address() as AddressInfo).port);
  await Promise.all(servers.map((s) => new Promise<void>((done) => void s.close(() => done()))));
  return ports;
}
