import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { describe, expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { sha256Of } from '../sha256.js';
import {
  contentsOf,
  address,
  findingsIn,
  publish,
  registryOf,
  releaseOf,
} from '../test/release.js';
import { serveStore } from '../test/terraform.js';
import { signingDate } from '../test/keys.js';
import { parseVersion } from '../version.js';
import { storeReader, urlReader } from './reader.js';
import { verifyRegistry } from './verify.js';

const version = parseVersion('9.1.3', 'test');
const linux = keys.download(address, version, { os: 'linux', arch: 'amd64' });
const files = `store/${address.namespace}/${address.type}/9.1.3/terraform-provider-teleport_9.1.3`;

async function published(): Promise<ObjectStore> {
  const store = memoryStore();
  await publish(registryOf(store), await releaseOf('9.1.3'));
  return store;
}

async function rewrite(store: ObjectStore, key: string, change: (text: string) => string | Buffer) {
  const stored = await store.get(key);
  const text = Buffer.from((await stored?.bytes(10 ** 6)) ?? '').toString('latin1');
  const bytes = Buffer.from(change(text) as string, 'latin1');
  const contentType = stored?.contentType ?? 'application/json';
  await store.put(key, bytes, { mode: 'overwrite', contentType });
}

/** Another value in a JSON document. */
const set = (name: string, value: unknown) => (text: string) =>
  JSON.stringify({ ...(JSON.parse(text) as object), [name]: value });

const damages: readonly [string, string, (text: string) => string | Buffer, RegExp][] = [
  [
    'the discovery',
    '.well-known/terraform.json',
    () => '{"providers.v1":"/x"}',
    /must end in a slash/,
  ],
  [
    'the index',
    keys.index(address),
    (text) => text.replace('9.1.3', 'v9.1.3'),
    /expected a semantic version/,
  ],
  ['a platform', linux, set('os', 'darwin'), /is of darwin_amd64/],
  ['the protocols', linux, set('protocols', ['4.0']), /expected a protocol/],
  [
    'the file name',
    linux,
    set('filename', 'x.zip'),
    /its shasum is [0-9a-f]{64}, and the sums say nothing/,
  ],
  [
    'the shasum',
    linux,
    set('shasum', 'ab'.repeat(32)),
    /its shasum is (?:ab){32}, and the sums say/,
  ],
  [
    'the address of the zip',
    linux,
    set('download_url', 'https://elsewhere.example.com/x.zip'),
    /is not there/,
  ],
  ['the keys', linux, set('signing_keys', { gpg_public_keys: [] }), /has no key/],
  ['the packages', linux, set('packages', {}), /its packages lack darwin_arm64, linux_amd64/],
  ['the sums', `${files}_SHA256SUMS`, (text) => `${text}\n`, /line 3 is not a sha256/],
  [
    'the sums',
    `${files}_SHA256SUMS`,
    (text) => text.replace(/^.*\n/, ''),
    /its shasum is [0-9a-f]{64}, and the sums say nothing/,
  ],
  [
    'the sums',
    `${files}_SHA256SUMS`,
    (text) => text.replace('darwin', 'darwim'),
    /does not verify with the key/,
  ],
  [
    'the zip',
    `${files}_linux_amd64.zip`,
    (text) => text.slice(0, -1),
    /is not a|has no end of a zip|cut short/,
  ],
  [
    'the zip',
    `${files}_linux_amd64.zip`,
    () => 'PK',
    /has the sha256 [0-9a-f]{64}, and the document says/,
  ],
];

describe('Verifying', () => {
  test('finds nothing in a registry that is whole, and writes nothing', async () => {
    const store = await published();
    const before = await contentsOf(store);
    expect(await findingsIn(store)).toEqual([]);
    expect(await contentsOf(store)).toEqual(before);
  });

  test.each(damages)('finds that %s was changed: %s', async (_, key, change, what) => {
    const store = await published();
    await rewrite(store, key, change);
    const findings = await findingsIn(store);
    const errors = findings.filter(({ severity }) => severity === 'error').map((each) => each.what);
    expect(errors.join('\n')).toMatch(what);
  });

  test('finds every object that is gone', async () => {
    const whole = await published();
    for (const key of (await contentsOf(whole)).keys()) {
      if (key.startsWith('releases/')) continue;
      const store = await published();
      await store.delete(key);
      expect(await findingsIn(store)).toContainEqual({
        severity: 'error',
        where: key,
        what: 'is not there',
      });
    }
  });

  test('finds documents that are served as something else, which Terraform minds of the discovery', async () => {
    const store = await published();
    for (const key of [keys.discovery, linux]) {
      const bytes = await (await store.get(key))!.bytes(10 ** 6);
      await store.put(key, bytes, { mode: 'overwrite', contentType: 'binary/octet-stream' });
    }
    expect(await findingsIn(store)).toEqual([
      {
        severity: 'error',
        where: keys.discovery,
        what: 'is served as binary/octet-stream, and must be application/json',
      },
      {
        severity: 'warning',
        where: linux,
        what: 'is served as binary/octet-stream, and other tools than Terraform expect application/json',
      },
    ]);
  });

  test('finds a program that nobody may execute', async () => {
    const store = await published();
    const key = `${files}_linux_amd64.zip`;
    await rewrite(store, key, (text) => text.replace('\xed\x81', '\xa4\x81'));
    const changed = await (await store.get(key))!.bytes(10 ** 6);
    await rewrite(store, linux, set('shasum', sha256Of(changed)));
    const found = (await findingsIn(store)).map(({ what }) => what);
    expect(found).toContainEqual('terraform-provider-teleport_v9.1.3 in it may not be executed');
  });

  test('is about one version when one is named, which must be listed', async () => {
    const store = await published();
    await publish(registryOf(store), await releaseOf('9.1.4'));
    await store.delete(linux);
    const verify = (text: string) =>
      verifyRegistry(storeReader(store), address, {
        at: signingDate,
        version: parseVersion(text, 'x'),
      });
    expect(await verify('9.1.4')).toEqual([]);
    expect(await verify('9.1.3')).toHaveLength(1);
    expect((await verify('9.1.5')).map(({ what }) => what)).toEqual([
      'does not list version 9.1.5',
    ]);
  });

  test('is the same over HTTP', async () => {
    const store = await published();
    const { url } = await serveStore(store);
    const verify = () => verifyRegistry(urlReader(new URL(url)), address, { at: signingDate });
    expect(await verify()).toEqual([]);
    await store.delete(linux);
    expect(await verify()).toEqual([{ severity: 'error', where: linux, what: 'is not there' }]);
  });

  test('tells 403 from 404, and a server that is not there', async () => {
    const answering = (status: number) => () => Promise.resolve(new Response('', { status }));
    const verify = (fetching: typeof fetch) =>
      verifyRegistry(urlReader(new URL('https://tf.example.com'), fetching), address, {
        at: signingDate,
      });
    const whats = async (fetching: typeof fetch) =>
      (await verify(fetching)).map(({ what }) => what);
    expect((await whats(answering(404)))[0]).toBe('is not there');
    expect((await whats(answering(403)))[0]).toContain('must be made to answer with 404');
    expect((await whats(answering(500)))[0]).toContain('is answered with 500');
    const dead = () => Promise.reject(new TypeError('fetch failed'));
    expect((await whats(dead))[0]).toContain('cannot be reached');
  });
});
