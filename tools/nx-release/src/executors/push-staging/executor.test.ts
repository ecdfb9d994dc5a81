import { rm } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { misbehaving } from '../../test/misbehaving.js';
import { servedRegistry } from '../../test/served.js';
import { treeOf } from '../../test/tree.js';
import { plugin, testWorkspace, type TestWorkspace } from '../../test/workspace.js';

const place = '127.0.0.1:5001/acme/mail';
const main = `${plugin}/src/main.ts`;

test('stages the image by its digest, tags the version and writes a receipt', async () => {
  const workspace = await testWorkspace();
  const { printed } = await workspace.release({ upTo: 'push-staging' });
  const digest = await digestOf(workspace);
  expect(printed).toContain(`✔ staged ${place}:1.2.3@${digest} (`);
  expect(await workspace.receipt('push-staging')).toMatchObject({
    project: 'mail',
    target: 'push-staging',
    version: '1.2.3',
    releaseTag: 'acme-mail-v1.2.3',
    environment: 'local',
    dryRun: false,
    images: [{ repository: place, digest, tags: [{ tag: '1.2.3', result: 'tagged' }] }],
    transfer: { copied: { count: 8 }, mounted: { count: 0 }, skipped: { count: 0 } },
    identity: 'tester',
    git: { clean: true },
  });
});

describe('a version that is staged', () => {
  test('with the same digest is success, and nothing is written', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.run('push-staging');
    expect({ success, printed }).toEqual({
      success: true,
      printed: `✔ already staged: ${place}:1.2.3@${await digestOf(workspace)}`,
    });
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('is written down where no receipt says so yet', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    await rm(join(workspace.root, 'dist'), { recursive: true });
    await workspace.run('push-staging');
    expect(await workspace.receipt('push-staging')).toMatchObject({
      images: [{ tags: [{ tag: '1.2.3', result: 'already' }] }],
      transfer: { copied: { count: 0, bytes: 0 } },
    });
  });

  test('with another digest is refused, both named, and nothing is written', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const staged = await digestOf(workspace);
    await workspace.write(main, 'console.log("changed");\n');
    await workspace.commit();
    await workspace.release({ upTo: 'build-image' });
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('push-staging');
    expect(success).toBe(false);
    expect(errors).toContain(`${place}:1.2.3 is staged as ${staged}`);
    expect(errors).toContain(`the working tree gives ${await digestOf(workspace)}`);
    expect(errors).toContain('another version in packages/plugins/mail/package.json');
    expect(await treeOf(workspace.root)).toEqual(before);
  });
});

describe('another version than the working tree’s', () => {
  test('that is staged is success, whatever the tree holds', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const staged = await digestOf(workspace);
    await workspace.write(`${plugin}/package.json`, { version: '1.3.0' });
    const byVersion = await workspace.run('push-staging', { options: { version: '1.2.3' } });
    const byTag = await workspace.run('push-staging', { options: { tag: 'acme-mail-v1.2.3' } });
    expect(byVersion.printed).toBe(`✔ already staged: ${place}:1.2.3@${staged}`);
    expect(byTag.printed).toBe(byVersion.printed);
  });

  test('that is not staged is refused, with the tag to check out', async () => {
    const workspace = await testWorkspace();
    const { success, errors } = await workspace.run('push-staging', {
      options: { version: '1.2.2' },
    });
    expect(success).toBe(false);
    expect(errors).toMatch(/1\.2\.2 is not staged.*check out acme-mail-v1\.2\.2 and run/);
  });
});

describe('a dry run', () => {
  test.each([
    ['--dry-run', { options: { dryRun: true } }],
    ['NX_DRY_RUN', { env: { NX_DRY_RUN: 'true' } }],
  ])('with %s shows what would be copied and tagged, and writes nothing', async (_how, how) => {
    const workspace = await testWorkspace();
    const before = await treeOf(workspace.root);
    const { success, printed } = await workspace.run('push-staging', how);
    expect(success).toBe(true);
    expect(printed).toMatch(/copy +blob sha256:[0-9a-f]{64} +\d+ B/);
    expect(printed).toMatch(/copy +5 blobs and 3 manifests +[\d.]+ kB/);
    expect(printed).toMatch(/tag +1\.2\.3/);
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('names the digest that is staged then', async () => {
    const workspace = await testWorkspace();
    const { printed } = await workspace.run('push-staging', { options: { dryRun: true } });
    await workspace.release({ upTo: 'push-staging' });
    expect(printed).toContain(`image  ${await digestOf(workspace)}`);
  });
});

describe('a protected environment', () => {
  const production = { environment: 'production' };

  test('refuses a dirty, untagged checkout, with the flag for each, and writes nothing', async () => {
    const workspace = await testWorkspace();
    await workspace.write('notes.txt', 'not committed');
    await workspace.release({ upTo: 'build-image' });
    const before = await treeOf(workspace.root);
    const { success, errors } = await workspace.run('push-staging', { options: production });
    expect(success).toBe(false);
    expect(errors).toContain('--allow-dirty');
    expect(errors).toContain('--allow-untagged');
    expect(await treeOf(workspace.root)).toEqual(before);
  });

  test('refuses an image of changes that are gone from the checkout by now', async () => {
    const workspace = await testWorkspace();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    await workspace.write(`${plugin}/src/main.ts`, 'console.log("not committed");\n');
    await workspace.release({ upTo: 'build-image' });
    await workspace.git('checkout', '--', '.');
    const { errors } = await workspace.run('push-staging', { options: production });
    expect(errors).toMatch(/is of changes that are not committed .*build it again \(--allow-dirty/);
  });

  test('accepts a clean commit with the release tag', async () => {
    const workspace = await testWorkspace();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    const options = { options: production, upTo: 'push-staging' as const };
    expect((await workspace.release(options)).printed).toContain('✔ staged');
    expect(await workspace.receipt('push-staging')).toMatchObject({
      environment: 'production',
      allowed: [],
    });
  });

  test('accepts what a flag allows, and the receipt says so', async () => {
    const workspace = await testWorkspace();
    await workspace.write('notes.txt', 'not committed');
    await workspace.release({ upTo: 'build-image' });
    const options = { ...production, allowDirty: true, allowUntagged: true };
    expect((await workspace.run('push-staging', { options })).success).toBe(true);
    expect(await workspace.receipt('push-staging')).toMatchObject({
      allowed: ['allow-dirty', 'allow-untagged'],
      git: { clean: false },
    });
  });

  test('refuses an image that is built on this machine’s Node', async () => {
    const workspace = await testWorkspace();
    await workspace.git('tag', 'acme-mail-v1.2.3');
    const host = { env: { RELEASE_BASE_IMAGE: 'host' } };
    await workspace.release({ upTo: 'build-image', ...host });
    const { errors } = await workspace.run('push-staging', { options: production, ...host });
    expect(errors).toContain('--allow-host-base');
  });
});

test('a push that is stopped in the middle is finished by the next', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'build-image' });
  const stopped = await workspace.run('push-staging', { interruptAt: /copied/ });
  expect(stopped).toMatchObject({ success: false, errors: '✘ interrupted by SIGINT' });
  const { printed } = await workspace.run('push-staging');
  expect(printed).toMatch(/✔ staged .*\(.* copied, .* there already\)/);
});

test('two pushes at once stage one image', async () => {
  const workspace = await testWorkspace();
  await workspace.release({ upTo: 'build-image' });
  const both = await Promise.all([workspace.run('push-staging'), workspace.run('push-staging')]);
  expect(both.map(({ success }) => success)).toEqual([true, true]);
  expect((await workspace.run('push-staging')).printed).toContain('✔ already staged');
});

describe('a registry elsewhere', () => {
  test('is used when RELEASE_STAGING_REGISTRY names one', async () => {
    const workspace = await testWorkspace();
    const { host } = await servedRegistry();
    const env = { RELEASE_STAGING_REGISTRY: `${host}/other` };
    const { printed } = await workspace.release({ upTo: 'push-staging', env });
    expect(printed).toContain(`✔ staged ${host}/other/mail:1.2.3@sha256:`);
  });

  test.each([
    ['HTML', 200, 'text/html', '<html>welcome</html>'],
    ['JSON of another kind', 200, 'application/json', '{"hello": 1}'],
  ])('that answers %s is named', async (_what, status, type, body) => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const host = await misbehaving('', () => (answer) => {
      answer.writeHead(status, { 'content-type': type }).end(body);
    });
    const env = { RELEASE_STAGING_REGISTRY: `${host}/acme` };
    const { success, errors } = await workspace.run('push-staging', { env });
    expect(success).toBe(false);
    expect(errors).toMatch(new RegExp(`^✘ .*${host}`));
  });
});

async function digestOf(workspace: TestWorkspace): Promise<string> {
  return (await workspace.image()).index.digest;
}

test('signs in with the login that docker has stored', async () => {
  const workspace = await testWorkspace();
  const { host, registry } = await servedRegistry();
  const login = Buffer.from('releaser:hunter2').toString('base64');
  const closed = await misbehaving(host, ({ headers }) =>
    headers.authorization === `Basic ${login}`
      ? undefined
      : (answer) => answer.writeHead(401, { 'www-authenticate': 'Basic realm="test"' }).end(),
  );
  const env = {
    RELEASE_STAGING_REGISTRY: `${closed}/acme`,
    DOCKER_AUTH_CONFIG: JSON.stringify({ auths: { [closed]: { auth: login } } }),
  };
  const { printed } = await workspace.release({ upTo: 'push-staging', env });
  expect(printed).toContain(`✔ staged ${closed}/acme/mail:1.2.3@`);
  expect(printed).not.toContain('hunter2');
  expect(await registry.repository('acme/mail').manifests.resolve('1.2.3')).toBeDefined();
});
