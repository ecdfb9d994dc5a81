import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { misbehaving } from '../../test/misbehaving.js';
import { servedRegistry } from '../../test/served.js';
import { treeOf } from '../../test/tree.js';
import { plugin, testWorkspace, type TestWorkspace } from '../../test/workspace.js';

const staging = '127.0.0.1:5001/acme/mail';
const place = '127.0.0.1:5002/acme/mail';

test('copies the staged digest, tags the version and its floating tags, and writes a receipt', async () => {
  const workspace = await testWorkspace();
  const { printed } = await workspace.release();
  const { digest } = (await workspace.image()).index;
  expect(printed).toContain(`✔ public: ${place}:1.2.3@${digest} (5.4 kB copied)`);
  expect(await tagsIn(workspace, 'public')).toEqual({
    '1': digest,
    '1.2': digest,
    '1.2.3': digest,
    latest: digest,
  });
  expect(await workspace.receipt('promote-public')).toMatchObject({
    project: 'mail',
    target: 'promote-public',
    version: '1.2.3',
    environment: 'local',
    images: [
      {
        repository: place,
        digest,
        tags: [
          { tag: '1.2.3', result: 'tagged' },
          { tag: '1', result: 'tagged' },
          { tag: '1.2', result: 'tagged' },
          { tag: 'latest', result: 'tagged' },
        ],
      },
    ],
    transfer: { copied: { count: 8 } },
  });
});

test('a version that is public is success, and nothing is written', async () => {
  const workspace = await testWorkspace();
  await workspace.release();
  const before = await treeOf(workspace.root);
  const { success, printed } = await workspace.run('promote-public');
  const { digest } = (await workspace.image()).index;
  expect({ success, printed }).toEqual({
    success: true,
    printed: `✔ already public: ${place}:1.2.3@${digest}`,
  });
  expect(await treeOf(workspace.root)).toEqual(before);
});

test('a version that is public with another digest is refused, both named', async () => {
  const workspace = await testWorkspace();
  await workspace.release();
  const published = (await workspace.image()).index.digest;
  await workspace.write(`${plugin}/src/main.ts`, 'console.log("changed");\n');
  await workspace.commit();
  // Somebody empties the staging registry, and stages the version again.
  const elsewhere = { env: { RELEASE_STAGING_REGISTRY: `${(await servedRegistry()).host}/acme` } };
  await workspace.release({ upTo: 'push-staging', ...elsewhere });
  const { success, errors } = await workspace.run('promote-public', elsewhere);
  expect(success).toBe(false);
  expect(errors).toContain(`${place}:1.2.3 is public as ${published}`);
  expect(errors).toContain(`${(await workspace.image()).index.digest} is staged`);
  expect((await tagsIn(workspace, 'public'))['1.2.3']).toBe(published);
});

describe('the digest comes from the staging registry', () => {
  test('and from no file: what has been built since is not promoted', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const staged = (await workspace.image()).index.digest;
    await workspace.write(`${plugin}/src/main.ts`, 'console.log("changed");\n');
    await workspace.release({ upTo: 'build-image' });
    await workspace.write('dist/release/mail/push-staging.json', { images: 'nonsense' });
    expect((await workspace.run('promote-public')).printed).toContain(`:1.2.3@${staged} (`);
  });

  test('also for another version than the working tree’s, by version or release tag', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const staged = (await workspace.image()).index.digest;
    await workspace.write(`${plugin}/package.json`, { version: '1.3.0' });
    const byTag = await workspace.run('promote-public', { options: { tag: 'acme-mail-v1.2.3' } });
    const byVersion = await workspace.run('promote-public', { options: { version: '1.2.3' } });
    expect(byTag.printed).toContain(`✔ public: ${place}:1.2.3@${staged}`);
    expect(byVersion.printed).toBe(`✔ already public: ${place}:1.2.3@${staged}`);
  });

  test('a version that is not staged is refused, with what to run', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('promote-public');
    expect({ success, errors }).toEqual({
      success: false,
      errors: `✘ ${staging}:1.2.3 is not staged; run \`npx nx run mail:push-staging:local\` first`,
    });
    const other = await workspace.run('promote-public', { options: { version: '1.2.2' } });
    expect(other.errors).toMatch(/1\.2\.2 is not staged; check out acme-mail-v1\.2\.2 .* and run/);
    expect(await treeOf(workspace.root)).toEqual(before);
  });
});

describe('floating tags', () => {
  test('move to the highest version of their range only', async () => {
    const workspace = await testWorkspace();
    const digests: Record<string, string> = {};
    for (const version of ['1.3.0', '1.2.9', '2.0.0', '1.3.1', '2.1.0-beta.1']) {
      await workspace.write(`${plugin}/package.json`, { version });
      await workspace.commit();
      await workspace.release();
      digests[version] = (await workspace.image()).index.digest;
    }
    expect(await tagsIn(workspace, 'public')).toEqual({
      ...digests,
      '1': digests['1.3.1'],
      '1.2': digests['1.2.9'],
      '1.3': digests['1.3.1'],
      '2': digests['2.0.0'],
      '2.0': digests['2.0.0'],
      latest: digests['2.0.0'],
    });
  });

  test('that are declared later are set when the version is promoted again', async () => {
    const workspace = await testWorkspace();
    await workspace.release();
    await moveTag(workspace, 'latest', 'acme/mail');
    const { printed } = await workspace.run('promote-public');
    const { digest } = (await workspace.image()).index;
    expect(printed).toMatch(/move {3}latest from sha256:/);
    expect(printed).toContain('(was public already)');
    expect((await tagsIn(workspace, 'public')).latest).toBe(digest);
  });
});

describe('a dry run', () => {
  test('of a staged version shows what would be copied and tagged, and writes nothing', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.run('promote-public', {
      options: { dryRun: true },
    });
    expect(success).toBe(true);
    expect(printed).toMatch(/copy +5 blobs and 3 manifests +5\.4 kB/);
    expect(printed).toMatch(/tag +1\.2\.3\n +tag +1\n +tag +1\.2\n +tag +latest/);
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('of the whole chain plans with what would have been staged', async () => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const options = { options: { dryRun: true }, after: ['push-staging'] as const };
    const { success, printed } = await workspace.run('promote-public', options);
    expect(success).toBe(true);
    expect(await treeOf(workspace.root)).toEqual(before);
    await workspace.release();
    expect(printed).toContain(`image  ${(await workspace.image()).index.digest}`);
  });

  test('of the promotion alone refuses what is not staged', async () => {
    const workspace = await testWorkspace();
    const { success, errors } = await workspace.run('promote-public', {
      options: { dryRun: true },
    });
    expect(success).toBe(false);
    expect(errors).toContain('is not staged');
  });
});

describe('the public registry is read again before the version is tagged', () => {
  test.each([
    ['loses a blob', /^(?:HEAD|GET) \/v2\/acme\/mail\/blobs\/sha256:/],
    ['loses a manifest', /^(?:HEAD|GET) \/v2\/acme\/mail\/manifests\/sha256:/],
  ])('one that %s gets no tag', async (_what, lost) => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const { host, registry } = await servedRegistry();
    let written = 0;
    const forgetful = await misbehaving(host, (asked) => {
      const line = `${String(asked.method)} ${String(asked.url)}`;
      if (/^PUT .*\/manifests\//.test(line)) written += 1;
      if (written < 3 || !lost.test(line)) return undefined;
      return (answer) => answer.writeHead(404).end();
    });
    const env = { RELEASE_PUBLIC_REGISTRY: `${forgetful}/acme` };
    const { success, errors } = await workspace.run('promote-public', { env });
    expect(success).toBe(false);
    expect(errors).toContain('is not there as it should be, and nothing may be tagged');
    expect(await registry.repository('acme/mail').manifests.resolve('1.2.3')).toBeUndefined();
  });
});

describe('a protected environment', () => {
  const production = { environment: 'production' };

  test('lets the tagged, clean commit of the version promote it', async () => {
    const workspace = await testWorkspace();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    expect((await workspace.release({ options: production })).printed).toContain('✔ public');
    expect(await workspace.receipt('promote-public')).toMatchObject({
      environment: 'production',
      allowed: [],
    });
  });

  test('refuses a commit without the tag, unless a flag says so', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('promote-public', { options: production });
    expect(success).toBe(false);
    expect(errors).toContain('HEAD does not carry acme-mail-v1.2.3');
    expect(await treeOf(workspace.root)).toEqual(before);

    const options = { ...production, allowUntagged: true };
    expect((await workspace.run('promote-public', { options })).success).toBe(true);
    expect(await workspace.receipt('promote-public')).toMatchObject({
      allowed: ['allow-untagged'],
    });
  });

  test('refuses a staged image whose sources are not the tagged ones, unless a flag says so', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const commitOf = async () => (await workspace.git('rev-parse', 'HEAD')).trim();
    const built = await commitOf();
    await workspace.write(`${plugin}/src/main.ts`, 'console.log("changed");\n');
    await workspace.commit();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    const { errors } = await workspace.run('promote-public', { options: production });
    expect(errors).toContain(`is of commit ${built}, and the sources of acme-mail-v1.2.3 are of`);
    expect(errors).toContain(`${await commitOf()}; 1.2.3 is staged`);

    const options = { ...production, allowTagMismatch: true };
    expect((await workspace.run('promote-public', { options })).success).toBe(true);
  });

  test('judges another version by its own tag', async () => {
    const workspace = await testWorkspace();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    await workspace.release({ upTo: 'push-staging' });
    await workspace.write(`${plugin}/package.json`, { name: '@acme/mail', version: '1.3.0' });
    await workspace.commit();
    const options = { ...production, tag: 'acme-mail-v1.2.3' };
    expect((await workspace.run('promote-public', { options })).printed).toContain('✔ public');
  });

  test('refuses an image that was built on somebody’s Node', async () => {
    const workspace = await testWorkspace();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    await workspace.release({ upTo: 'push-staging', env: { RELEASE_BASE_IMAGE: 'host' } });
    const { errors } = await workspace.run('promote-public', { options: production });
    expect(errors).toContain('--allow-host-base');
  });
});

test('a promotion that is stopped in the middle is finished by the next', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'push-staging' });
  const stopped = await workspace.run('promote-public', { interruptAt: /copied/ });
  expect(stopped).toMatchObject({ success: false, errors: '✘ interrupted by SIGINT' });
  expect(await tagsIn(workspace, 'public')).toEqual({});
  expect((await workspace.run('promote-public')).printed).toContain('✔ public');
});

test('two promotions at once make one image public', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'push-staging' });
  const both = await Promise.all([
    workspace.run('promote-public'),
    workspace.run('promote-public'),
  ]);
  expect(both.map(({ errors }) => errors)).toEqual(['', '']);
  expect((await workspace.run('promote-public')).printed).toContain('✔ already public');
});

test('on a terminal the copy is one line that changes', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'push-staging' });
  const { statuses, printed } = await workspace.run('promote-public', { terminal: true });
  expect(statuses.length).toBeGreaterThan(0);
  expect(statuses.at(-1)).toMatch(/copying \d of 8, [\d.]+ k?B of 5\.4 kB/);
  expect(printed).not.toContain('copied sha256:');
});

/** The tags of the plugin in an embedded registry, with their digests. */
async function tagsIn(
  workspace: TestWorkspace,
  role: 'staging' | 'public',
): Promise<Readonly<Record<string, string>>> {
  const { registry } = await servedRegistry(join(workspace.root, '.release/registries', role));
  const { manifests } = registry.repository('acme/mail');
  const tags: Record<string, string> = {};
  for await (const tag of manifests.tags()) {
    tags[tag] = String((await manifests.resolve(tag))?.digest);
  }
  return tags;
}

/** Points a tag at another manifest: the image of one platform. */
async function moveTag(workspace: TestWorkspace, tag: string, name: string): Promise<void> {
  const { registry } = await servedRegistry(join(workspace.root, '.release/registries/public'));
  const { manifests } = registry.repository(name);
  const { platforms } = await workspace.image();
  const other = await manifests.resolve(String(platforms[0]?.manifest));
  if (other !== undefined) await manifests.tag(other, tag);
}

test('within one registry the blobs are mounted, not sent again', async () => {
  const workspace = await testWorkspace();
  const { host } = await servedRegistry();
  const env = {
    RELEASE_STAGING_REGISTRY: `${host}/staging`,
    RELEASE_PUBLIC_REGISTRY: `${host}/public`,
  };
  await workspace.release({ env });
  expect(await workspace.receipt('promote-public')).toMatchObject({
    transfer: { copied: { count: 3 }, mounted: { count: 5 } },
  });
});
