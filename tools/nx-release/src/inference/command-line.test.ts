import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { preTasksExecution } from './command-line.js';

beforeEach(() => {
  vi.stubEnv('NX_SKIP_NX_CACHE', undefined);
  vi.stubEnv('NX_DRY_RUN', undefined);
});
afterEach(() => {
  vi.unstubAllEnvs();
});

test.each([
  'run plugin-email:promote-public --version=9.3.6',
  'run plugin-email:build --version=9.3.6',
  'promote-public plugin-email --version=9.3.6',
  'run-many -t push-staging --version=9.3.6',
  'affected --targets=build-image,push-staging --version=9.3.6',
  'run plugin-email:pull-staging --version=9.3.6',
])('nx %s is refused, for Nx would drop the version', async (line) => {
  await expect(run(line)).rejects.toThrow(/-- --version 9\.3\.6.*--tag/);
});

test.each([
  'run plugin-email:promote-public -c prod',
  'run plugin-email:promote-public:prod',
  'run plugin-email:pull-staging -c prod',
  'run plugin-email:promote-public -c=prod',
  'run plugin-email:promote-public --configuration prod',
  'run-many -t push-staging --configuration=prod',
  'run release:login -c prod',
  'login release -c prod',
  'run terraform-provider-teleport:push-archives -c prod',
])('nx %s is refused, for Nx would use the default environment', async (line) => {
  await expect(run(line)).rejects.toThrow('"prod": use one of local, production');
});

test.each([
  'run plugin-email:promote-public',
  'run plugin-email:promote-public -c production',
  'run plugin-email:promote-public:production',
  'run plugin-email:promote-public -- --version 9.3.6',
  'run plugin-email:pull-staging -c production -- --version 9.3.6 --to layout',
  'run plugin-email:promote-public -c production --exclude-task-dependencies -- --dry-run',
  'run web:publish --dry-run -- --version 1.0.0',
  'run plugin-email:build -c development',
  'run web:serve -c development',
  'run release:login -c production',
  'run web:publish --version=1.0.0',
  'run release:tf-verify --url http://127.0.0.1:5004',
  'run release:tf-yank --tag x --reason see:https://x.example:bad',
])('nx %s is accepted', async (line) => {
  await expect(run(line)).resolves.toBeUndefined();
});

test.each([
  ['run plugin-email:promote-public --dry-run -- --version 9.3.6', '--dry-run'],
  ['run plugin-email:promote-public --dryRun=true -- --version 9.3.6', '--dryRun=true'],
  ['run plugin-email:promote-public --environment local -- --version 9.3.6', '--environment'],
  ['run plugin-email:push-staging --no-allow-dirty --tag x -- --dry-run', '--no-allow-dirty --tag'],
  ['run-many -t build,pull-staging --to layout -- --version 9.3.6', '--to'],
])('nx %s is refused, for Nx would drop %s', async (line, lost) => {
  await expect(run(line)).rejects.toThrow(
    `${lost} would be dropped, because Nx passes on nothing before \`--\` when there is one: write the options of the step behind it`,
  );
});

test('without a readable release.config.json it is left to the step to complain', async () => {
  const line = 'run plugin-email:promote-public -c production';
  await expect(run(line, '{ broken')).resolves.toBeUndefined();
});

test.each([
  'run plugin-email:promote-public --dry-run',
  'run plugin-email:promote-public --dryRun',
  'run plugin-email:promote-public --tag teleport-email-v9.3.6',
  'run plugin-email:promote-public -- --version 9.3.6',
  'run plugin-email:build --dry-run',
  'run terraform-provider-teleport:push-archives --tag terraform-provider-teleport-v9.1.3',
])('nx %s, which builds nothing, stays out of the cache', async (line) => {
  await run(line);
  expect(process.env.NX_SKIP_NX_CACHE).toBe('true');
});

test('a folder of programs, which Nx does not hash, stays out of the cache', async () => {
  await run('run terraform-provider-teleport:push-archives --binaries out');
  expect(process.env.NX_SKIP_NX_CACHE).toBe('true');
});

test.each(['run plugin-email:build', 'run-many --all', 'run web:release'])(
  'with NX_DRY_RUN, nx %s stays out of the cache',
  async (line) => {
    vi.stubEnv('NX_DRY_RUN', 'true');
    await run(line);
    expect(process.env.NX_SKIP_NX_CACHE).toBe('true');
  },
);

test.each([
  'run plugin-email:build --skip-nx-cache',
  'run plugin-email:build --skipNxCache',
  'run plugin-email:build --skip-nx-cache=true',
  'run-many --all --disable-nx-cache',
  'affected -t push-staging --disableNxCache',
])('nx %s says so to the hash of what is built, too', async (line) => {
  await run(line);
  expect(process.env.NX_SKIP_NX_CACHE).toBe('true');
});

test.each([
  'run plugin-email:build --skip-nx-cache=false',
  'run plugin-email:build -- --skip-nx-cache',
  'run plugin-email:promote-public',
  'run web:test --tag slow',
  'run-many -t test',
])('nx %s uses the cache', async (line) => {
  await run(line);
  expect(process.env.NX_SKIP_NX_CACHE).toBeUndefined();
});

async function run(
  line: string,
  config = '{ "environments": { "local": {}, "production": {} } }',
): Promise<void> {
  const workspaceRoot = await temporaryDirectory();
  await writeFile(join(workspaceRoot, 'release.config.json'), config);
  const argv = ['node', 'nx', ...line.split(' ')];
  await preTasksExecution(undefined, { id: '', workspaceRoot, nxJsonConfiguration: {}, argv });
}
