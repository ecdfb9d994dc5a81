import { memoryStore, type ObjectStore } from '@teleport-plugins/object-store';
import { expect, test } from 'vitest';

import { keys } from '../documents/layout.js';
import { planDiscard } from '../repair/discard.js';
import { planRepair } from '../repair/repair.js';
import { address, findingsIn, publish, registryOf, releaseOf } from '../test/release.js';
import { parseVersion } from '../version.js';

const version = parseVersion('9.1.3', 'test');
const linux = keys.download(address, version, { os: 'linux', arch: 'amd64' });

async function published(): Promise<ObjectStore> {
  const store = memoryStore('s3://tf');
  await publish(registryOf(store), await releaseOf('9.1.3'));
  return store;
}

/** The download document of a platform, by another hand. */
async function write(store: ObjectStore, changes: object) {
  const bytes = await (await store.get(linux))!.bytes(1e6);
  const document = { ...(JSON.parse(Buffer.from(bytes).toString()) as object), ...changes };
  const labels = { mode: 'overwrite', contentType: 'application/json' } as const;
  await store.put(linux, Buffer.from(JSON.stringify(document)), labels);
}

test.each(['https://[x', 'file:///etc/passwd', 'http://a:99999999/x.zip'])(
  'A document with the address %s is told of, as Terraform refuses it',
  async (url) => {
    for (const name of ['download_url', 'shasums_url', 'shasums_signature_url']) {
      const store = await published();
      await write(store, { [name]: url });
      expect(await findingsIn(store)).toContainEqual({
        severity: 'error',
        where: linux,
        what: `${name}: expected an address of http or https, or a relative one, found "${url}"`,
      });
      expect((await planRepair(registryOf(store))).objects).toContainEqual(
        expect.objectContaining({ key: linux, act: 'replace' }),
      );
    }
  },
);

test.each(['%zz', '%00', 'a//b', '..%2f..%2fetc%2fpasswd'])(
  'A document that leads to %s leads to nothing',
  async (path) => {
    const store = await published();
    await write(store, { download_url: `/${path}` });
    const findings = await findingsIn(store);
    expect(findings.map(({ what }) => what)).toContain('is not there');
  },
);

test('A discovery document without an address is told of', async () => {
  const store = await published();
  const labels = { mode: 'overwrite', contentType: 'application/json' } as const;
  const bytes = Buffer.from('{"providers.v1":"https://[x/"}');
  await store.put(keys.discovery, bytes, labels);
  expect(await findingsIn(store)).toContainEqual({
    severity: 'error',
    where: keys.discovery,
    what: 'providers.v1: expected an address of http or https, or a relative one, found "https://[x/"',
  });
});

test.each(['https://elsewhere.example.com/teleport.zip', '/%zz'])(
  'A version without a record whose document leads to %s is not discarded',
  async (url) => {
    const store = await published();
    await write(store, { download_url: url });
    await store.delete(keys.manifest(address, version));
    await store.delete(keys.index(address));
    await store.delete(keys.download(address, version, { os: 'linux', arch: 'arm64' }));
    await store.delete(keys.download(address, version, { os: 'darwin', arch: 'arm64' }));
    await expect(planDiscard(registryOf(store), version)).rejects.toMatchObject({
      code: 'conflict',
    });
  },
);
