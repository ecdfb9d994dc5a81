import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { serveAws } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { proxyAgentFor } from './agent.js';
import { isDirect, parseProxy } from './proxy.js';
import { refusalOf } from './test/failure-of.js';
import { admin, adminSession, ann, asAdmin, become, keyVariables, opened } from './test/person.js';

const target = (host: string) => {
  const { hostname, port } = new URL(`https://${host}`);
  return { hostname, port: Number(port || 443) };
};

test.each([
  ['sts.us-west-2.amazonaws.com', 'sts.us-west-2.amazonaws.com'],
  ['sts.us-west-2.amazonaws.com', 'amazonaws.com'],
  ['sts.us-west-2.amazonaws.com', '.amazonaws.com'],
  ['sts.us-west-2.amazonaws.com', '*.amazonaws.com'],
  ['STS.us-west-2.amazonaws.com', 'example.com, AMAZONAWS.com'],
  ['sts.us-west-2.amazonaws.com', 'example.com amazonaws.com:443'],
  ['emulator.example:4566', 'emulator.example:4566'],
  ['sts.us-west-2.amazonaws.com', '*'],
  ['[fd00::1]:4566', '[fd00::1]:4566'],
  ['[fd00::1]:4566', 'fd00::1'],
  ['127.0.0.1:1234', ''],
  ['127.9.9.9', ''],
  ['localhost', ''],
  ['[::1]:1234', ''],
])('%s is asked directly with NO_PROXY=%s', (host, noProxy) => {
  expect(isDirect(target(host), noProxy)).toBe(true);
});

test.each([
  ['sts.us-west-2.amazonaws.com', ''],
  ['sts.us-west-2.amazonaws.com', 'aws.com'],
  ['sts.us-west-2.amazonaws.com', 'sts'],
  ['sts.us-west-2.amazonaws.com', 'amazonaws.com:80'],
  ['sts.us-west-2.amazonaws.com', 'amazonaws.com.evil.example'],
  ['127.0.0.1.evil.example', ''],
  ['localhost.evil.example', ''],
])('%s is asked through the proxy with NO_PROXY=%s', (host, noProxy) => {
  expect(isDirect(target(host), noProxy)).toBe(false);
});

test.each([
  ['http://proxy.example:3128', 'http://proxy.example:3128/'],
  ['https://ann:pw@proxy.example', 'https://ann:pw@proxy.example/'],
  ['proxy.example:3128', 'http://proxy.example:3128/'],
  ['socks5://proxy.example', undefined],
  ['http://', undefined],
  ['not a proxy', undefined],
])('HTTPS_PROXY=%s is %s', (text, url) => {
  expect(parseProxy(text)?.href).toBe(url);
});

test('a server that is asked directly needs no agent, and any other has one', async () => {
  const proxy = { httpsProxy: 'http://proxy.example:3128', noProxy: 'direct.example' };
  expect(await proxyAgentFor(target('s3.us-west-2.amazonaws.com'), proxy)).toBeDefined();
  expect(await proxyAgentFor(target('direct.example'), proxy)).toBeUndefined();
  expect(await proxyAgentFor(target('s3.us-west-2.amazonaws.com'), {})).toBeUndefined();
  await expect(
    proxyAgentFor(target('s3.us-west-2.amazonaws.com'), { httpsProxy: 'socks5://x' }),
  ).rejects.toThrow('HTTPS_PROXY: expected an address like http://proxy.example.com:3128');
});

/** A proxy that lets nobody through, and notes where to. */
async function serveProxy(status: string) {
  const wanted: (string | undefined)[] = [];
  const server = createServer();
  server.on('connect', ({ url }, socket) => {
    wanted.push(url);
    socket.end(`HTTP/1.1 ${status}\r\ncontent-length: 0\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  const { port } = server.address() as AddressInfo;
  return { proxy: { httpsProxy: `http://ann:opensesame@127.0.0.1:${port}` }, wanted };
}

async function annInAws() {
  const emulator = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
  await become({ variables: keyVariables(emulator.keysOf(ann)) });
  return emulator;
}

test('AWS is asked through the proxy', async () => {
  const emulator = await annInAws();
  const { proxy, wanted } = await serveProxy('407 Proxy Authentication Required');
  const session = opened(emulator, { endpoints: {}, proxy }).session(asAdmin);
  expect(await refusalOf(session.identity())).toEqual([
    'unreachable',
    'sts:GetCallerIdentity as the owner of AWS_ACCESS_KEY_ID: the proxy asks for a user and password; put them into HTTPS_PROXY',
  ]);
  expect(wanted).toEqual(['sts.us-west-2.amazonaws.com:443']);
});

test('what NO_PROXY names is not asked through the proxy', async () => {
  const emulator = await annInAws();
  const { proxy, wanted } = await serveProxy('502 Bad Gateway');
  const endpoints = { sts: 'https://sts.invalid' };
  const aws = opened(emulator, { endpoints, proxy: { ...proxy, noProxy: '.invalid' } });
  expect((await refusalOf(aws.session(asAdmin).identity()))[1]).toBe(
    'sts:GetCallerIdentity as the owner of AWS_ACCESS_KEY_ID: sts.invalid has no address (DNS); check the network, the region and AWS_ENDPOINT_URL',
  );
  expect(wanted).toEqual([]);
});

test('this machine is not asked through the proxy', async () => {
  const emulator = await annInAws();
  const { proxy, wanted } = await serveProxy('502 Bad Gateway');
  const session = opened(emulator, { proxy }).session(asAdmin);
  expect((await session.identity()).arn).toBe(adminSession);
  expect(wanted).toEqual([]);
});

test('a proxy that is none is told without its password', async () => {
  const emulator = await annInAws();
  const proxy = { httpsProxy: 'ftp://ann:opensesame@proxy.example' };
  expect(await refusalOf(opened(emulator, { proxy }).session(asAdmin).identity())).toEqual([
    'config-invalid',
    'HTTPS_PROXY: expected an address like http://proxy.example.com:3128',
  ]);
});
