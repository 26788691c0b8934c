// The fault proxy does what it says to real bytes, and nothing else.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../src/index.js';

type Echo = { readonly url: string; readonly heard: () => string };

async function echoServer(): Promise<Echo> {
  let heard = '';
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      heard += chunk;
      socket.write(chunk);
    });
  });
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  onTestFinished(() => void server.close());
  return { url: `tcp://127.0.0.1:${(server.address() as AddressInfo).port}`, heard: () => heard };
}

async function proxied(): Promise<{ echo: Echo; proxy: FaultProxy }> {
  const echo = await echoServer();
  const proxy = await startFaultProxy(echo.url);
  onTestFinished(() => proxy.close());
  return { echo, proxy };
}

type Client = { readonly socket: Socket; readonly got: () => string; readonly closed: Promise<void> };

async function client(port: number): Promise<Client> {
  const socket = connect(port, '127.0.0.1');
  let got = '';
  socket.on('error', () => undefined);
  socket.on('data', (chunk) => {
    got += chunk;
  });
  const closed = new Promise<void>((resolve) => void socket.on('close', () => resolve()));
  await Promise.race([new Promise<void>((resolve) => void socket.on('connect', () => resolve())), closed]);
  return { socket, got: () => got, closed };
}

const settle = (ms = 80) => new Promise((resolve) => setTimeout(resolve, ms));

test('without a fault every byte arrives, in both directions', async () => {
  const { echo, proxy } = await proxied();
  const { socket, got } = await client(proxy.port);
  const text = 'x'.repeat(200_000);
  socket.write(text);
  await settle(200);
  expect([got().length, echo.heard().length, proxy.connections()]).toEqual([200_000, 200_000, 1]);
  socket.destroy();
});

test('dropped replies reach the server and are not answered; after the healing the damaged connection ends', async () => {
  const { echo, proxy } = await proxied();
  const { socket, got, closed } = await client(proxy.port);
  socket.write('a');
  await settle();
  proxy.dropReplies();
  socket.write('bcd');
  await settle();
  expect([echo.heard(), got(), proxy.dropped()]).toEqual(['abcd', 'a', 3]);
  proxy.heal();
  await closed;
  const again = await client(proxy.port);
  again.socket.write('e');
  await settle();
  expect(again.got()).toBe('e');
  again.socket.destroy();
});

test('dropped requests do not reach the server, and a connection that lost nothing survives the healing', async () => {
  const { echo, proxy } = await proxied();
  const [lossy, quiet] = [await client(proxy.port), await client(proxy.port)];
  proxy.dropRequests();
  lossy.socket.write('a');
  await settle();
  expect(echo.heard()).toBe('');
  proxy.heal();
  await lossy.closed;
  quiet.socket.write('b');
  await settle();
  expect([echo.heard(), quiet.got()]).toEqual(['b', 'b']);
  quiet.socket.destroy();
});

test('a cut ends the connections and refuses new ones until the healing', async () => {
  const { proxy } = await proxied();
  const first = await client(proxy.port);
  proxy.cut();
  await first.closed;
  const refused = await client(proxy.port);
  await refused.closed;
  expect(proxy.connections()).toBe(0);
  proxy.heal();
  const { socket, got } = await client(proxy.port);
  socket.write('a');
  await settle();
  expect(got()).toBe('a');
  socket.destroy();
});

test('a delay keeps the order, also when it ends before the delayed bytes have gone out', async () => {
  const { proxy } = await proxied();
  const { socket, got } = await client(proxy.port);
  proxy.delay(100);
  socket.write('slow ');
  await settle(20);
  expect(got()).toBe('');
  proxy.delay(0);
  socket.write('fast');
  await settle(30);
  expect(got()).toBe('');
  await settle(300);
  expect(got()).toBe('slow fast');
  socket.destroy();
});
