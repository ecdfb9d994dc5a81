import { readdir } from 'node:fs/promises';

import { describe, expect, test } from 'vitest';

import { publicHost, signingIn, stagingHost } from '../../test/sign-in.js';
import { treeOf } from '../../test/tree.js';

const config = `{
\t"auths": {},
\t"credHelpers": {
\t\t"${stagingHost}": "ecr-login"
\t},
\t"currentContext": "colima"
}`;

/** What files there are and what is in them, whenever they were written; folders that are empty are none. */
async function contents(folder: string) {
  const entries = Object.entries(await treeOf(folder)).map(
    ([path, described]) => [path, described.split(' ').slice(1).join(' ')] as const,
  );
  return Object.fromEntries(entries.filter(([, content]) => content !== 'a folder'));
}

describe('logout', () => {
  test('leaves what was there before login, byte for byte, and no token', async () => {
    const user = await signingIn();
    await user.write('.docker/config.json', config);
    const before = await contents(user.home);
    await user.login();
    const { success, printed } = await user.logout();
    expect(success).toBe(true);
    expect(printed).toContain(
      `signed out of ${stagingHost} and ${publicHost}; 2 cached tokens removed`,
    );
    expect(await contents(user.home)).toEqual(before);
  });

  test('again has nothing to do', async () => {
    const user = await signingIn();
    await user.login();
    await user.logout();
    const before = await treeOf(user.home);
    const { success, printed } = await user.logout();
    expect(success).toBe(true);
    expect(printed).toContain('docker and podman were not signed in; 0 cached tokens removed');
    expect(await treeOf(user.home)).toEqual(before);
  });

  test('of one registry leaves the other signed in', async () => {
    const user = await signingIn();
    await user.login();
    const { printed } = await user.logout({ registry: 'staging' });
    expect(printed).toContain(`signed out of ${stagingHost}; `);
    expect(JSON.parse(await user.read('.docker/config.json'))).toEqual({
      credHelpers: { [publicHost]: 'teleport-release' },
    });
    expect((await user.askHelper('get', stagingHost)).output).toContain('credentials not found');
    expect((await user.askHelper('get', publicHost)).code).toBe(0);
  });

  test('says only what it signs out of', async () => {
    const user = await signingIn();
    await user.login();
    await user.logout({ registry: 'public' });
    expect((await user.logout()).printed).toContain(
      `docker and podman are signed out of ${stagingHost}; `,
    );
  });

  test('as a dry run writes nothing', async () => {
    const user = await signingIn();
    await user.login();
    const before = await treeOf(user.home);
    const { printed } = await user.logout({ dryRun: true });
    expect(printed).toMatch(/helper +none for public\.ecr\.aws +.*config\.json/);
    expect(printed).toMatch(/remove +.*docker-credential-teleport-release/);
    expect(await treeOf(user.home)).toEqual(before);
  });

  test('takes with it what the environment has had registered under other names', async () => {
    const user = await signingIn();
    const standIn = { RELEASE_STAGING_REGISTRY: '127.0.0.1:5001/acme' };
    await user.login({}, standIn);
    const { printed } = await user.logout();
    expect(printed).toContain('127.0.0.1:5001');
    expect(await readdir(`${user.home}/.docker`)).toEqual([]);
  });

  test('of another environment leaves this one alone', async () => {
    const user = await signingIn();
    await user.login({ registry: 'staging' });
    await user.logout({ environment: 'quay' });
    expect((await user.askHelper('get', stagingHost)).code).toBe(0);
  });
});
