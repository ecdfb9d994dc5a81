import { appendFile, chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import {
  cloneWorkspace,
  temporaryDirectory,
  type Clone,
  type Running,
} from '@teleport-plugins/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

let clone: Clone;
let version: string;
let tag: string;
beforeAll(async () => {
  clone = await cloneWorkspace();
  const text = await readFile(join(clone.root, 'packages/plugins/email/package.json'), 'utf8');
  ({ version } = JSON.parse(text) as { version: string });
  tag = `teleport-email-v${version}`;
  await clone.git('tag', tag);
});
afterAll(() => clone.remove());

const reference =
  /127\.0\.0\.1:500\d\/gravitational\/teleport-plugin-email:\S+@sha256:[0-9a-f]{64}/;

// Each test takes the clone as the one before it has left it.
// How they release in production: the test of docs/runbooks/emergency-release.md.
describe('push-image and promote-image', () => {
  test('stage the tagged sources, whatever the working tree is, without a secret near npm', async () => {
    await appendFile(join(clone.root, 'packages/plugins/email/src/main.ts'), 'syntax error(');
    const hook = join(clone.root, '.git/hooks/post-checkout');
    await mkdir(dirname(hook), { recursive: true });
    await writeFile(hook, '#!/bin/sh\nenv\nexit 1\n');
    await chmod(hook, 0o755);
    const programs = await temporaryDirectory();
    const seen = join(programs, 'environment-of-npm');
    const npm = (await clone.shell('command -v npm')).output.trim();
    await writeFile(join(programs, 'npm'), `#!/bin/sh\nenv > '${seen}'\nexec '${npm}' "$@"\n`);
    await chmod(join(programs, 'npm'), 0o755);
    const { code, output } = await clone.shell(
      `node_modules/.bin/push-image email ${version} -c local`,
      { env: { PATH: `${programs}:${process.env.PATH ?? ''}`, HUNTER: 'hunter2' } },
    );
    await rm(hook);
    expect(code, output).toBe(0);
    expect(output).toMatch(new RegExp(`✔ staged ${reference.source}`));
    expect(output).not.toContain('hunter2');
    const given = await readFile(seen, 'utf8');
    expect(given).toContain('PATH=');
    expect(given).not.toContain('hunter2');
    expect(await readdir(join(clone.root, 'dist/release/plugin-email'))).toContain(
      'push-staging.json',
    );
  });

  test('leave no checkout behind when they are interrupted', async () => {
    await clone.git('checkout', '--', '.');
    const pushing = clone.startShell(`exec node_modules/.bin/push-image email ${version} -c local`);
    await pushing.printed(/installing/);
    pushing.kill('SIGINT');
    const { code, output } = await pushing.ended;
    expect(code, output).toBe(1);
    expect(output).toContain('✘ interrupted by SIGINT');
    expect(await clone.git('worktree', 'list')).not.toContain('checkout');
  });

  test('remove the checkout of one that was killed, and leave that of another alone', async () => {
    const pushing = `exec node_modules/.bin/push-image email ${version} -c local`;
    const temporary = await temporaryDirectory();
    const [killed, other] = [0, 1].map(() =>
      clone.startShell(pushing, { env: { TMPDIR: temporary } }),
    ) as [Running, Running];
    await Promise.all([killed.printed(/installing/), other.printed(/installing/)]);
    killed.kill('SIGKILL');
    await killed.ended;
    const refused = 'node_modules/.bin/push-image email 9.3.7 -c nowhere';
    await clone.git('tag', '--force', 'teleport-email-v9.3.7');
    await clone.shell(refused, { env: { TMPDIR: temporary } });
    expect(await readdir(temporary)).toHaveLength(1);
    expect((await clone.git('worktree', 'list')).match(/\/checkout /g)).toHaveLength(1);
    other.kill('SIGINT');
    await other.ended;
    expect(await readdir(temporary)).toEqual([]);
  });

  test('say that there is no such environment before they install anything', async () => {
    const { code, output } = await clone.shell(
      `node_modules/.bin/promote-image email ${version} -c prodution`,
    );
    expect(code).toBe(1);
    expect(output).toContain(
      '✘ there is no environment "prodution" in release.config.json, which has local and production (did you mean "production"?)',
    );
    expect(output).not.toContain('checking out');
  });

  test.each([
    [
      'email 0.0.1',
      'teleport-email-v0.0.1 is not a tag of this repository; run `git fetch --tags`',
    ],
    ['mail 9.3.7', '"mail" is no plugin with an image; there are email, slack'],
    ['email v9.3.7', 'VERSION: expected a semantic version'],
  ])('with %s say what is wrong', async (words, message) => {
    const { code, output } = await clone.shell(`node_modules/.bin/push-image ${words}`);
    expect(code).toBe(1);
    expect(output).toContain(message);
  });
});

describe('tf-stage and tf-release', () => {
  const provider = () => `terraform-provider-teleport-v${version}`;

  test('release a tag, one after the other', async () => {
    const staged = await clone.shell(`npx tf-stage ${provider()} -c local`);
    expect(staged.code, staged.output).toBe(0);
    expect(staged.output).toContain('✔ staged');
    const planned = await clone.shell(`npx tf-release ${provider()} -c local --dry-run`);
    expect(planned.output).toContain('✔ dry run');
    const released = await clone.shell(`npx tf-release ${provider()} -c local`);
    expect(released.output).toContain('✔ already staged');
    expect(released.output).toContain('✔ released');
  });

  test('end as the target ends', async () => {
    const { code, output } = await clone.shell(
      'npx tf-stage terraform-provider-teleport-v0.0.1 -c local',
    );
    expect(code).toBe(1);
    expect(output).toContain('check out terraform-provider-teleport-v0.0.1');
  });

  test.each([
    [`-- --version 0.0.1`, '✘ --version 0.0.1 and --tag '],
    ['-- --help', "'help' is not found in schema"],
  ])('hand %s on to the target, and not to Nx', async (words, message) => {
    const { code, output } = await clone.shell(`npx tf-stage ${provider()} -c local ${words}`);
    expect(output).toContain(message);
    expect(code).toBe(1);
  });

  test.each([
    ['', 'expected TAG, found nothing', 2],
    ['a b', 'expected TAG, found a b', 2],
    ['--yes x', "Unknown option '--yes'; options of the target stand behind a --", 2],
    [
      `teleport-email-v9.3.7`,
      'is no release of a Terraform provider; their tags are terraform-provider-teleport-v…',
      1,
    ],
    ['9.3.7', 'TAG: expected a release tag such as "terraform-provider-teleport-v', 1],
  ])('with "%s" say what is wrong', async (words, message, exitCode) => {
    const { code, output } = await clone.shell(`node_modules/.bin/tf-stage ${words}`);
    expect(output).toContain(message);
    expect(code).toBe(exitCode);
  });
});

test.each(['tf-stage', 'tf-release', 'push-image', 'promote-image'])(
  '%s --help tells how it is called',
  async (name) => {
    const { code, output } = await clone.shell(`node_modules/.bin/${name} --help`);
    expect(code).toBe(0);
    expect(output).toContain(`npx ${name} `);
    expect(output).toContain('--dry-run');
  },
);
