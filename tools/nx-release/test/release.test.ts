import { appendFile, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { type Clone, cloneWorkspace } from '@teleport-plugins/testing';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';

let clone: Clone;
beforeAll(async () => {
  clone = await cloneWorkspace();
});
afterAll(() => clone.remove());

/** What the main job ends with: the reference that it made public. */
let published: string;

// Each test takes the clone as the one before it has left it.
describe('nx run plugin-email:promote-public', () => {
  test('builds, stages and promotes on a fresh clone', async () => {
    const { code, output } = await clone.nx('run plugin-email:promote-public');
    expect(code, output).toBe(0);
    published = String(/✔ public: (\S+)/.exec(output)?.[1]);
    expect(published).toMatch(
      /^127\.0\.0\.1:5002\/gravitational\/teleport-plugin-email:[\d.]+@sha256:[0-9a-f]{64}$/,
    );
  });

  test('again takes the builds from the cache, and writes nothing', async () => {
    const before = await stateOf(clone);
    const { code, output } = await clone.nx('run plugin-email:promote-public');
    expect(code, output).toBe(0);
    expect(output).toMatch(/plugin-email:build {2}\[.*cache.*\]/);
    expect(output).toMatch(/plugin-email:build-image:local {2}\[.*cache.*\]/);
    expect(output).toContain('✔ already staged');
    expect(output).toContain(`✔ already public: ${published}`);
    expect(await stateOf(clone)).toEqual(before);
  });

  test('releases nothing new when only tests and documentation are changed', async () => {
    const before = await stateOf(clone);
    for (const file of ['README.md', 'src/main.test.ts', 'test/new/words.ts', 'tsconfig.json']) {
      const path = join(clone.root, 'packages/plugins/email', file);
      await mkdir(dirname(path), { recursive: true });
      await appendFile(path, '\n');
    }
    await appendFile(join(clone.root, 'packages/plugin-kit/README.md'), '\n');
    for (const isCommitted of [false, true]) {
      if (isCommitted) {
        await clone.git('add', '--all');
        await clone.git('commit', '--quiet', '--message', 'words');
      }
      const { code, output } = await clone.nx('run plugin-email:promote-public');
      expect(code, output).toBe(0);
      expect(output).toContain('✔ already staged');
      expect(output).toContain(`✔ already public: ${published}`);
    }
    expect(await stateOf(clone)).toEqual(before);
  });

  test('releases the same digest when the state of local is lost', async () => {
    await rm(join(clone.root, '.release'), { recursive: true });
    const { code, output } = await clone.nx('run plugin-email:promote-public');
    expect(code, output).toBe(0);
    expect(output).toMatch(/plugin-email:build-image:local {2}\[.*cache.*\]/);
    expect(output).toContain(`✔ public: ${published}`);
  });

  test('twice at the same time releases one digest', async () => {
    for (const lost of ['.release', 'packages/plugins/email/dist', '.nx']) {
      await rm(join(clone.root, lost), { recursive: true, force: true });
    }
    const words = 'run plugin-email:promote-public';
    for (const { code, output } of await Promise.all([clone.nx(words), clone.nx(words)])) {
      expect(code, output).toBe(0);
      expect(output).toMatch(new RegExp(`✔ (?:already )?public: ${published}`));
    }
  });

  test('that is killed is finished by the next', async () => {
    await rm(join(clone.root, '.release'), { recursive: true });
    const killed = clone.start('run plugin-email:promote-public');
    await killed.printed(/ {2}copied sha256:/);
    killed.kill('SIGKILL');
    expect((await killed.ended).code).toBeNull();
    const { code, output } = await clone.nx('run plugin-email:promote-public');
    expect(code, output).toBe(0);
    expect(output).toContain(`✔ public: ${published}`);
  });
});

describe('what is asked for on the command line', () => {
  test('--dry-run shows the plan of the whole chain, and writes nothing', async () => {
    const before = await stateOf(clone);
    const { code, output } = await clone.nx('run plugin-slack:promote-public --dry-run');
    expect(code, output).toBe(0);
    expect(output.match(/ {2}copy +3 blobs and 2 manifests/g)).toHaveLength(2);
    expect(output.match(/✔ dry run/g)).toHaveLength(4);
    expect(await stateOf(clone)).toEqual(before);
  });

  test('pull-staging reads what is staged, and builds nothing', async () => {
    const version = /:([\d.]+)@/.exec(published)?.[1] ?? '';
    const words = `run plugin-email:pull-staging -- --version ${version} --to layout`;
    const { code, output } = await clone.nx(words);
    expect(code, output).toBe(0);
    expect(output).toContain('✔ pulled 127.0.0.1:5001/gravitational/teleport-plugin-email:');
    expect(output).toContain(` into dist/pulled/plugin-email/${version} (`);
    expect(output).not.toContain('plugin-email:build');
  });

  test('NX_DRY_RUN keeps what is built out of the cache, and so restores nothing older', async () => {
    const words = 'run plugin-slack:build-image';
    const dryRun = { env: { NX_DRY_RUN: 'true' } };
    expect((await clone.nx(words)).code).toBe(0);
    const main = 'packages/plugins/slack/src/main.ts';
    await appendFile(join(clone.root, main), 'console.log("changed");\n');
    onTestFinished(async () => {
      await clone.git('checkout', '--', main);
    });
    // The outputs are still those of the sources before.
    expect((await clone.nx(words, dryRun)).code).toBe(0);
    expect((await clone.nx(words)).code).toBe(0);
    const before = await stateOf(clone);
    const { code, output } = await clone.nx(words, dryRun);
    expect(code, output).toBe(0);
    expect(await stateOf(clone)).toEqual(before);
  });

  test.each(['--tag teleport-email-v1.0.0', '-- --version 1.0.0'])(
    '%s builds nothing, and names the tag to check out',
    async (words) => {
      const before = await stateOf(clone);
      const { code, output } = await clone.nx(`run plugin-email:promote-public ${words}`);
      expect(code).not.toBe(0);
      expect(output.match(/✔ plugin-email 1\.0\.0: nothing to build/g)).toHaveLength(2);
      expect(output).toMatch(/✘ .*1\.0\.0 is not staged.*check out teleport-email-v1\.0\.0/);
      expect(output).not.toMatch(/\n {4}at /);
      expect(await stateOf(clone)).toEqual(before);
    },
  );

  test.each([
    ['--version=1.0.0', 'write `-- --version 1.0.0`'],
    ['--dry-run -- --version 1.0.0', '--dry-run would be dropped'],
    ['-c producton', 'no environment "producton": use one of local, production'],
  ])('%s is refused before anything runs', async (words, message) => {
    const { code, output } = await clone.nx(`run plugin-email:promote-public ${words}`);
    expect(code).toBe(1);
    expect(output).toContain(message);
    expect(output).not.toContain('plugin-email:build');
  });

  test('an unknown option is named', async () => {
    const { code, output } = await clone.nx('run plugin-email:promote-public --dry-rum');
    expect(code).not.toBe(0);
    expect(output).toContain("'dry-rum' is not found in schema");
  });

  test('--help says what the target does, with examples', async () => {
    const { code, output } = await clone.nx('run plugin-email:promote-public --help');
    expect(code).toBe(0);
    expect(output).toContain('Copies the staged digest of a version to the public registry');
    expect(output).toContain('--dryRun');
    expect(output).toContain('--exclude-task-dependencies');
    expect(output).not.toContain('undefined');
  });
});

describe('the cache', () => {
  test('is missed after a change of an executor', async () => {
    const executor = 'tools/nx-release/src/executors/promote-public/plan.ts';
    await appendFile(join(clone.root, executor), '// changed\n');
    expect((await clone.nx('run plugin-email:build')).output).toContain(
      'Cache:             0/1 hit',
    );
    await clone.git('checkout', '--', executor);
    expect((await clone.nx('run plugin-email:build')).output).toContain(
      'Cache:             1/1 hit',
    );
  });

  test.each(['LICENSE', 'NOTICE.txt'])('is missed after a change of %s', async (name) => {
    const path = join(clone.root, name);
    const text = await readFile(path, 'utf8').catch(() => undefined);
    onTestFinished(() => (text === undefined ? rm(path) : writeFile(path, text)));
    await clone.nx('run plugin-email:build');
    await appendFile(path, 'Changed terms\n');
    const { output } = await clone.nx('run plugin-email:build');
    expect(output).toContain('Cache:             0/1 hit');
  });

  test('is missed by the image, and not by the bundle, when only the history is another', async () => {
    await appendFile(join(clone.root, 'packages/plugins/email/src/main.ts'), '// changed\n');
    await clone.git('commit', '--quiet', '--all', '--message', 'changed');
    await clone.git('revert', '--no-edit', 'HEAD');
    const { output } = await clone.nx('run plugin-email:build-image');
    expect(output).toMatch(/plugin-email:build {2}\[.*cache.*\]/);
    expect(output).toContain('Cache:             1/2 hit');
  });

  test('has nothing to print of a build without it that failed', async () => {
    const words = 'run plugin-slack:build-image';
    expect((await clone.nx(words)).code).toBe(0);
    const bases = join(clone.root, '.release/bases');
    await rm(bases, { recursive: true, force: true });
    // Where the folder would be made: no input of the build, so its hash could be the same.
    await writeFile(bases, '');
    const failed = await clone.nx(`${words} --skip-nx-cache`);
    await rm(bases);
    expect(failed.code).toBe(1);
    expect(failed.output).toMatch(/✘ .*\.release\/bases/);
    const { code, output } = await clone.nx(words);
    expect(code, output).toBe(0);
    expect(output).toContain('Cache:             2/2 hit');
    expect(output).toContain('✔ sha256:');
    expect(output).not.toContain('✘');
  });
});

describe('nx affected', () => {
  const both = ['plugin-email', 'plugin-slack'];
  test.each([
    ['packages/plugins/slack/src/main.ts', ['plugin-slack']],
    ['packages/plugins/slack/release.json', ['plugin-slack']],
    ['packages/plugin-kit/src/index.ts', both],
    ['packages/registry/src/index.ts', both],
    ['tools/nx-release/src/executors/serve/executor.ts', both],
    ['packages/plugins/slack/src/main.test.ts', []],
    ['packages/plugins/slack/README.md', []],
    ['packages/testing/src/index.ts', []],
    ['tools/nx-release/test/clone.ts', []],
    ['docs/architecture.md', []],
  ])('a change of %s releases %j', async (file, plugins) => {
    expect(await affectedPlugins(`--files=${file}`)).toEqual(plugins);
  });
});

describe('an installed package of another version', () => {
  test.each([
    ['nodemailer', ['plugin-email']],
    ['undici', ['plugin-email', 'plugin-slack']],
    ['prettier', []],
    ['vitest', []],
  ])('%s releases %j', async (name, plugins) => {
    const lockfile = join(clone.root, 'package-lock.json');
    const text = await readFile(lockfile, 'utf8');
    onTestFinished(() => writeFile(lockfile, text));
    const lock = JSON.parse(text) as { packages: Record<string, { version: string }> };
    Object.assign(lock.packages[`node_modules/${name}`] ?? {}, { version: '99.0.0' });
    await writeFile(lockfile, JSON.stringify(lock));
    expect(await affectedPlugins('--base=HEAD')).toEqual(plugins);
  });
});

/** The plugins that `nx affected -t promote-public` would release. */
async function affectedPlugins(changes: string): Promise<readonly string[]> {
  const words = `show projects --affected ${changes} --with-target=promote-public`;
  const { code, output } = await clone.nx(words);
  expect(code, output).toBe(0);
  return output
    .split('\n')
    .filter((line) => line !== '')
    .sort();
}

/** When the registries, the bases, the receipts and the plugins' outputs were changed. */
async function stateOf({ root }: Clone): Promise<readonly string[]> {
  const folders = ['.release', 'dist', 'packages/plugins/slack/dist'];
  const entries = await Promise.all(
    folders.map(async (folder) =>
      readdir(join(root, folder), { recursive: true, withFileTypes: true }).catch(() => []),
    ),
  );
  const described = entries.flat().map(async (entry) => {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, size } = await stat(path);
    return `${path} ${mtimeMs} ${size}`;
  });
  return (await Promise.all(described)).sort();
}
