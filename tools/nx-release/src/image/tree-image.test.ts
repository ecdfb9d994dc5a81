import { readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { plugin, testWorkspace } from '../test/workspace.js';

describe('what build-image has left', () => {
  test('nothing: says which step is missing', async () => {
    const workspace = await testWorkspace();
    const { errors } = await workspace.run('push-staging');
    expect(errors).toMatch(
      /there is no image: .*image\.json.*run `npx nx run mail:build-image:local`/s,
    );
  });

  test('of an earlier version: says so', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    await workspace.write(`${plugin}/package.json`, { version: '1.2.4' });
    const { errors } = await workspace.run('push-staging');
    expect(errors).toContain(
      'is of version 1.2.3, not 1.2.4; run `npx nx run mail:build-image:local`',
    );
  });

  const again = 'build it again: npx nx run mail:build-image:local --skip-nx-cache';

  test('with an image.json that says nothing: says what is wrong with it', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    await workspace.write(`${plugin}/dist/image.json`, '{}');
    const { success, errors } = await workspace.run('push-staging');
    expect({ success, errors }).toEqual({
      success: false,
      errors: `✘ the image in ${plugin}/dist/image cannot be used: ${plugin}/dist/image.json: version: expected a text, found nothing; ${again}`,
    });
  });

  test.each(['image/oci-layout', 'image/index.json', 'image'])(
    'without dist/%s: says that the layout is not whole',
    async (name) => {
      const workspace = await testWorkspace();
      await workspace.release({ upTo: 'build-image' });
      await rm(join(workspace.root, plugin, 'dist', name), { recursive: true });
      const { success, errors } = await workspace.run('push-staging');
      expect({ success, errors }).toEqual({
        success: false,
        errors: `✘ the image in ${plugin}/dist/image cannot be used: it is not a whole image layout; ${again}`,
      });
      await workspace.release({ upTo: 'build-image' });
      expect((await workspace.run('push-staging')).printed).toContain('✔ staged');
    },
  );

  test.each([
    ['layer', 'missing', rm],
    ['layer', 'damaged', (path: string) => truncate(path, 10)],
    ['layer', 'damaged', invert],
    ['manifest', 'missing', rm],
    ['manifest', 'damaged', invert],
    ['index', 'missing', rm],
    ['index', 'damaged', invert],
  ] as const)('whose %s is %s: names it, and tags nothing', async (part, how, damage) => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const { index, platforms } = await workspace.image();
    const [{ layers, manifest }] = platforms as [(typeof platforms)[0]];
    const digest = { layer: String(layers.at(-1)?.digest), manifest, index: index.digest }[part];
    await damage(join(workspace.root, plugin, 'dist/image/blobs', digest.replace(':', '/')));
    const { success, errors } = await workspace.run('push-staging');
    expect(success).toBe(false);
    const what = part === 'layer' ? `the blob ${digest}` : `the manifest ${digest}`;
    expect(errors).toContain(`the image in ${plugin}/dist/image cannot be used: ${what} is ${how}`);
    expect(errors).toContain(again);
    expect(errors).not.toContain('push it first');
    await workspace.release({ upTo: 'build-image' });
    expect((await workspace.run('push-staging')).printed).toContain('✔ staged');
  });

  test('damaged where build-image runs before: both are run without the cache', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    await rm(join(workspace.root, plugin, 'dist/image'), { recursive: true });
    const { errors } = await workspace.run('push-staging', { after: ['build-image'] });
    expect(errors).toContain('build it again: npx nx run mail:push-staging:local --skip-nx-cache');
  });

  test('on a base that is not in the cache any more: it is obtained again', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    await rm(join(workspace.root, '.release'), { recursive: true });
    expect((await workspace.run('push-staging')).printed).toContain('✔ staged');
  });

  test('on a base of which the cache has other bytes: it says so, and the next run repairs it', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'push-staging' });
    const base = String((await workspace.image()).platforms[0]?.layers[0]?.digest);
    const blobs = join(workspace.root, '.release/bases/layout/blobs');
    await invert(join(blobs, base.replace(':', '/')));
    await rm(join(workspace.root, '.release/registries'), { recursive: true });
    const { success, errors } = await workspace.run('push-staging');
    expect(success).toBe(false);
    expect(errors).toMatch(/the base cache .*\.release\/bases\/layout had other bytes/);
    expect(errors).toContain(base);
    expect((await workspace.run('push-staging')).printed).toContain('✔ staged');
  });

  test('on another base than the environment has now: both are named', async () => {
    const workspace = await testWorkspace();
    await workspace.release({ upTo: 'build-image' });
    const env = { RELEASE_BASE_IMAGE: 'host' };
    const { errors } = await workspace.run('push-staging', { env });
    expect(errors).toMatch(
      /built on the base .*base\/node.* and what can be had now is host \(sha/,
    );
    expect(errors).toContain(again);
  });
});

/** Damages a file without changing its size. */
async function invert(path: string): Promise<void> {
  await writeFile(
    path,
    (await readFile(path)).map((byte) => 255 - byte),
  );
}
