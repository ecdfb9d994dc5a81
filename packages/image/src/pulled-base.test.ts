import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  memoryRepository,
  parseReference,
  type Content,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { selectBases, type BaseImage, type PlatformBase } from './base.js';
import { buildImage, type BuiltImage } from './build-image.js';
import { pulledBase } from './pulled-base.js';
import { amd64, arm64, memoryBase } from './test/base.js';
import { collect } from './test/collect.js';
import { damage } from './test/damage.js';

const spec = {
  platforms: [amd64, arm64],
  files: [{ path: 'app/main.mjs', source: { bytes: Buffer.from('1') } }],
  entrypoint: ['node', '/app/main.mjs'],
  created: new Date(0),
};

test('an image is built on it without a layer of it being fetched', async () => {
  const { reference, registry, fetched } = await remoteBase();
  const base = await pulledBase(reference, registry, await temporaryDirectory());
  const built = await buildImage(spec, base, memoryRepository());
  expect(built.platforms).toHaveLength(2);
  for (const layer of baseLayers(built)) expect(fetched).not.toContain(layer.digest);
});

test('a layer that was read once comes from the cache from then on', async () => {
  const { reference, registry, fetched } = await remoteBase();
  const base = await pulledBase(reference, registry, await temporaryDirectory());
  const [layer] = baseLayers(await buildImage(spec, base, memoryRepository()));
  expect(await base.repository.blobs.exists(layer!)).toBe(true);
  for (let times = 0; times < 2; times++) {
    expect(await text(base.repository.blobs.fetch(layer!))).toBe(
      'what is in the base for linux/amd64',
    );
  }
  expect(fetched.filter((digest) => digest === layer!.digest)).toHaveLength(1);
});

test.each(['oci', 'docker'] as const)(
  'with its platforms fetched, nothing needs the registry any more (%s)',
  async (family) => {
    const { reference, registry } = await remoteBase(family);
    const cache = await temporaryDirectory();
    const options = { platforms: [amd64, arm64] };
    const online = await pulledBase(reference, registry, cache, options);
    const built = await buildImage(spec, online, memoryRepository());

    const offline = await pulledBase(reference, unreachable(), cache, options);
    expect(await buildImage(spec, offline, memoryRepository())).toEqual(built);
    expect(await textsOf(offline, baseLayers(built))).toEqual([
      'what is in the base for linux/amd64',
      'what is in the base for linux/arm64',
    ]);
  },
);

test('a cache that has lost blobs is filled again', async () => {
  const { reference, registry } = await remoteBase();
  const cache = await temporaryDirectory();
  const options = { platforms: [amd64, arm64] };
  const built = await buildImage(
    spec,
    await pulledBase(reference, registry, cache, options),
    memoryRepository(),
  );
  for (const { digest } of baseLayers(built)) {
    await rm(join(cache, 'layout/blobs', digest.replace(':', '/')));
  }
  await pulledBase(reference, registry, cache, options);
  const offline = await pulledBase(reference, unreachable(), cache);
  expect(await textsOf(offline, baseLayers(built))).toHaveLength(2);
});

describe('a cache whose bytes have become others', () => {
  test('drops a damaged layer and says so, and obtains it when it is read again', async () => {
    const { reference, registry, fetched } = await remoteBase();
    const cache = await temporaryDirectory();
    const options = { platforms: [amd64, arm64] };
    const base = await pulledBase(reference, registry, cache, options);
    const [layer] = baseLayers(await buildImage(spec, base, memoryRepository()));
    await damage(cache, layer!.digest);
    await expect(text(base.repository.blobs.fetch(layer!))).rejects.toMatchObject({
      name: 'ImageError',
      code: 'base-damaged',
      message: `the base cache ${join(cache, 'layout')} had other bytes than those of ${layer!.digest}, and has dropped them; run this again, which obtains them again`,
    });
    const again = await pulledBase(reference, registry, cache, options);
    expect(await text(again.repository.blobs.fetch(layer!))).toBe(
      'what is in the base for linux/amd64',
    );
    expect(fetched.filter((digest) => digest === layer!.digest)).toHaveLength(2);
  });

  test('obtains damaged manifests again at once', async () => {
    const { reference, registry } = await remoteBase();
    const cache = await temporaryDirectory();
    const online = await pulledBase(reference, registry, cache);
    const built = await buildImage(spec, online, memoryRepository());
    const [{ manifest }] = (await selectBases(online, [amd64])).selected as [PlatformBase];
    for (const { digest } of [online.index, manifest]) await damage(cache, digest);
    const repaired = await pulledBase(reference, registry, cache);
    expect(await buildImage(spec, repaired, memoryRepository())).toEqual(built);
    const offline = await pulledBase(reference, unreachable(), cache);
    expect(await buildImage(spec, offline, memoryRepository())).toEqual(built);
  });

  test('is named where it is no cache any more, with the folder to delete', async () => {
    const { reference, registry } = await remoteBase();
    const cache = await temporaryDirectory();
    await pulledBase(reference, registry, cache);
    await writeFile(join(cache, 'layout/index.json'), '{"schema');
    await expect(pulledBase(reference, registry, cache)).rejects.toMatchObject({
      code: 'base-damaged',
      message: expect.stringMatching(
        /^the base cache .*layout cannot be used: .*index\.json: is not JSON.*; delete the folder .*layout and run this again/,
      ) as unknown,
    });
    await rm(join(cache, 'layout'), { recursive: true });
    await expect(pulledBase(reference, registry, cache)).resolves.toBeDefined();
  });
});

test('several may fill the cache at once', async () => {
  const { reference, registry } = await remoteBase();
  const cache = await temporaryDirectory();
  const options = { platforms: [amd64, arm64] };
  const pull = (): Promise<BaseImage> => pulledBase(reference, registry, cache, options);
  const bases = await Promise.all([pull(), pull(), pull()]);
  expect(new Set(bases.map((base) => base.index.digest)).size).toBe(1);
});

describe('refused:', () => {
  test('a reference without a digest, with the digest it has now', async () => {
    const { reference, registry } = await remoteBase();
    const { digest, ...unpinned } = reference;
    await registry.manifests.tag((await registry.manifests.resolve(digest!))!, '20');
    await expect(pulledBase(unpinned, registry, await temporaryDirectory())).rejects.toMatchObject({
      code: 'reference-unpinned',
      message: `base registry.example/node:20 has no digest, so that it can change from one build to the next; write registry.example/node:20@${digest!}, which it is now`,
    });
  });

  test('a reference without a digest, when the registry cannot be asked', async () => {
    const unpinned = parseReference('registry.example/node:20');
    await expect(pulledBase(unpinned, unreachable(), await temporaryDirectory())).rejects.toThrow(
      'add @sha256:… to it',
    );
  });

  test('a digest that does not exist', async () => {
    const { reference } = await remoteBase();
    await expect(
      pulledBase(reference, memoryRepository(), await temporaryDirectory()),
    ).rejects.toMatchObject({ code: 'base-invalid' });
  });

  test('a platform that it lacks', async () => {
    const { reference, registry } = await remoteBase();
    const platforms = [{ os: 'linux', architecture: 's390x' }];
    await expect(
      pulledBase(reference, registry, await temporaryDirectory(), { platforms }),
    ).rejects.toThrow('is not there for linux/s390x, only for linux/amd64, linux/arm64');
  });

  test('bytes that are not those of the digest, of which nothing is kept', async () => {
    const { reference, registry } = await remoteBase();
    const cache = await temporaryDirectory();
    const forged: Repository = {
      ...registry,
      blobs: { ...registry.blobs, fetch: () => forgery() },
    };
    await expect(
      pulledBase(reference, forged, cache, { platforms: [amd64] }),
    ).rejects.toMatchObject({ code: 'content-mismatch' });
    const honest = await pulledBase(reference, registry, cache, { platforms: [amd64] });
    expect(honest.index.digest).toBe(reference.digest);
  });
});

/** A base in a registry, and the digests that were fetched from there. */
async function remoteBase(family: 'oci' | 'docker' = 'oci') {
  const { reference, repository } = await memoryBase({ platforms: [amd64, arm64], family });
  const fetched: string[] = [];
  const registry: Repository = {
    ...repository,
    blobs: {
      ...repository.blobs,
      fetch: (blob, options) => {
        fetched.push(blob.digest);
        return repository.blobs.fetch(blob, options);
      },
    },
  };
  return { reference: parseReference(reference), registry, fetched };
}

function unreachable(): Repository {
  const fail = (): never => {
    throw new Error('unreachable');
  };
  const reject = (): Promise<never> => Promise.reject(new Error('unreachable'));
  return {
    name: 'unreachable',
    blobs: { exists: reject, fetch: fail, push: reject },
    manifests: {
      resolve: reject,
      fetch: reject,
      push: reject,
      tag: reject,
      tags: fail,
      referrers: fail,
    },
  };
}

async function* forgery(): Content {
  await Promise.resolve();
  yield Buffer.from('something else');
}

/** The layers that are not the image's own. */
function baseLayers(built: BuiltImage): readonly Descriptor[] {
  return built.platforms.flatMap(({ layers }) => layers.slice(0, -1));
}

async function textsOf(base: BaseImage, layers: readonly Descriptor[]): Promise<readonly string[]> {
  const texts: string[] = [];
  for (const layer of layers) texts.push(await text(base.repository.blobs.fetch(layer)));
  return texts;
}

async function text(content: Content): Promise<string> {
  return Buffer.from(await collect(content)).toString();
}
