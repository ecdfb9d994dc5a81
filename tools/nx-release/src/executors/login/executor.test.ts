import { readdir, readlink, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { account, admin, ann, publicHost, signingIn, stagingHost } from '../../test/sign-in.js';
import { treeOf } from '../../test/tree.js';

const installed = '.local/bin/docker-credential-teleport-release';

describe('login', () => {
  test('installs the helper and names it, and from then on the helper signs in', async () => {
    const user = await signingIn();
    const { success, printed, errors } = await user.login();
    expect({ success, errors }).toMatchObject({ success: true });
    expect(printed).toContain(`docker and podman sign in to ${stagingHost} and ${publicHost}`);
    expect(JSON.parse(await user.read('.docker/config.json'))).toEqual({
      credHelpers: { [stagingHost]: 'teleport-release', [publicHost]: 'teleport-release' },
    });
    const { code, output } = await user.askHelper('get', stagingHost);
    expect({ code }, output).toEqual({ code: 0 });
    expect(JSON.parse(output)).toMatchObject({ Username: 'AWS', ServerURL: stagingHost });
    // The token that login tried is the one that docker gets.
    expect(user.aws.calls.ecr).toEqual(['GetAuthorizationToken']);
    expect(user.aws.calls.ecrPublic).toEqual(['GetAuthorizationToken']);
    expect(user.aws.calls.sts).not.toContain('AssumeRole');
  });

  test('is a program of one file, which needs nothing of the workspace', async () => {
    const user = await signingIn();
    await user.login();
    const file = join(user.home, '.local/share/teleport-release');
    expect(await readdir(file)).toEqual(['LICENSES.txt', 'docker-credential-teleport-release.mjs']);
    expect(await readlink(join(user.home, installed))).toBe(
      join(file, 'docker-credential-teleport-release.mjs'),
    );
    expect((await stat(join(user.home, installed))).mode & 0o111).toBe(0o111);
    expect(await user.askHelper('get', 'other.example')).toEqual({
      code: 1,
      output: 'credentials not found in native keychain\n',
      said: '',
    });
  });

  test('to write assumes the environment’s role, for one registry if so asked', async () => {
    const user = await signingIn();
    const { printed } = await user.login({ registry: 'staging', access: 'write' });
    expect(printed).toContain(admin);
    expect(user.aws.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(user.aws.calls.ecrPublic).toEqual([]);
    const [assumed] = user.aws.calls.all.filter(({ action }) => action === 'AssumeRole');
    expect(assumed?.parameters).toMatchObject({ RoleArn: admin, DurationSeconds: '1800' });
    const { credHelpers } = JSON.parse(await user.read('.docker/config.json')) as {
      readonly credHelpers: object;
    };
    expect(Object.keys(credHelpers)).toEqual([stagingHost]);
  });

  test('again tries the credentials again, and changes nothing but the tokens', async () => {
    const user = await signingIn();
    await user.login();
    const lasting = async () =>
      Object.entries(await treeOf(user.home)).filter(([path]) => !path.includes('/.cache/'));
    const before = await lasting();
    const { success, printed } = await user.login();
    expect(success).toBe(true);
    expect(printed).not.toMatch(/install|register|helper/);
    expect(await lasting()).toEqual(before);
    expect(user.aws.calls.ecr).toHaveLength(2);
    // The new token is the one that docker gets.
    expect((await user.askHelper('get', stagingHost)).code).toBe(0);
    expect(user.aws.calls.ecr).toHaveLength(2);
  });

  test('is refused when AWS refuses the credentials, whatever tokens there still are', async () => {
    const user = await signingIn();
    await user.login();
    user.aws.misbehave({ service: 'sts', as: 'access-denied' });
    const { success, printed } = await user.login();
    expect(success).toBe(false);
    expect(printed).not.toContain('✔');
    // Those serve until they run out.
    expect((await user.askHelper('get', stagingHost)).code).toBe(0);
  });

  test('as a dry run shows what would change, asks AWS nothing and writes nothing', async () => {
    const user = await signingIn();
    await user.write(
      '.docker/config.json',
      JSON.stringify({
        auths: { [publicHost]: { auth: 'QVdTOng=' } },
        credHelpers: { [stagingHost]: 'ecr-login' },
      }),
    );
    const before = await treeOf(user.home);
    const { success, printed } = await user.login({ dryRun: true });
    expect(success).toBe(true);
    const config = join(user.home, '.docker/config.json');
    const lines = printed.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' | '));
    expect(lines).toEqual([
      'docker and podman in production, to read',
      'as | whoever the AWS credentials are of',
      `install | ${join(user.home, installed)}`,
      `register | ${stagingHost} | ${user.home}/.config/teleport-release/registries.json`,
      `register | ${publicHost} | ${user.home}/.config/teleport-release/registries.json`,
      `helper | ${stagingHost}, instead of "ecr-login" | ${config}`,
      `helper | ${publicHost} | ${config}`,
      `forget | the stored login for ${publicHost} | ${config}`,
      '✔ dry run: nothing is written',
    ]);
    expect(await treeOf(user.home)).toEqual(before);
    expect(user.aws.calls.all).toEqual([]);
  });

  test('names the helper to podman too, where that has a configuration', async () => {
    const user = await signingIn();
    await user.write('.config/containers/auth.json', '{ "auths": {} }');
    await user.login({ registry: 'public' });
    expect(JSON.parse(await user.read('.config/containers/auth.json'))).toEqual({
      auths: {},
      credHelpers: { [publicHost]: 'teleport-release' },
    });
  });

  test('that AWS refuses changes nothing', async () => {
    const user = await signingIn();
    user.aws.misbehave({ action: 'GetAuthorizationToken', as: 'access-denied' });
    const before = await treeOf(user.home);
    const { success, errors } = await user.login();
    expect(success).toBe(false);
    expect(errors).toMatch(/^✘ ecr:GetAuthorizationToken on .*access denied/);
    const after = Object.keys(await treeOf(user.home));
    expect(after.filter((path) => !path.includes('/.cache'))).toEqual(Object.keys(before));
  });

  test('says when docker would not find the helper', async () => {
    const user = await signingIn();
    const { success, errors } = await user.login();
    expect(success).toBe(true);
    expect(errors).toBe(
      `${join(user.home, installed)} is not on the PATH, where docker looks for it: add its folder in your shell's profile`,
    );
    expect((await user.login({}, { PATH: `${user.home}/.local/bin` })).errors).toBe('');
  });

  test('remembers the profile for shells that name none', async () => {
    const user = await signingIn();
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = user.environment;
    await user.write(
      '.aws/credentials',
      `[teleport-prod]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`,
    );
    await user.login({}, { AWS_PROFILE: 'teleport-prod' });
    const registered = JSON.parse(await user.read('.config/teleport-release/registries.json')) as {
      readonly registries: Readonly<Record<string, { readonly profile?: string }>>;
    };
    expect(registered.registries[stagingHost]?.profile).toBe('teleport-prod');
    const withoutKeys = { AWS_ACCESS_KEY_ID: '', AWS_SECRET_ACCESS_KEY: '' };
    expect((await user.askHelper('get', stagingHost, withoutKeys)).code).toBe(0);
  });
});

test('With a code of a multi-factor device login gets tokens that serve without one', async () => {
  const serialNumber = `arn:aws:iam::${account}:mfa/ann`;
  const statement = {
    Effect: 'Allow' as const,
    Principal: { AWS: ann },
    Action: ['sts:AssumeRole', 'sts:TagSession'],
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
  };
  const user = await signingIn({
    users: [{ arn: ann, mfa: { serialNumber, code: '123456' } }],
    roles: [{ arn: admin, trust: { Version: '2012-10-17', Statement: [statement] } }],
  });
  const options = { registry: 'staging', access: 'write' } as const;
  const env = { RELEASE_MFA_SERIAL: serialNumber };
  expect((await user.login(options, env)).errors).toContain('--mfa-code');
  const { success, errors } = await user.login({ ...options, mfaCode: 123456 }, env);
  expect({ success }, errors).toEqual({ success: true });
  expect((await user.askHelper('get', stagingHost)).code).toBe(0);
  expect(user.aws.calls.ecr).toEqual(['GetAuthorizationToken']);

  await user.askHelper('erase', stagingHost);
  const { code, output } = await user.askHelper('get', stagingHost);
  expect({ code, output }).toEqual({
    code: 1,
    output: `sts:AssumeRole on ${admin} as ${ann}: a code of the multi-factor device ${serialNumber} is needed; run \`npx nx run release:login -c production --registry staging --access write --mfa-code …\`\n`,
  });
});

describe('login is refused', () => {
  test('where the steps serve the registries themselves', async () => {
    const { success, errors } = await (await signingIn()).login({ environment: 'local' });
    expect(success).toBe(false);
    expect(errors).toContain(
      'the environment local has no registry to sign in to: staging is served by the steps themselves',
    );
  });

  test('for a registry that is not Amazon’s, and says what to use', async () => {
    const user = await signingIn();
    const { errors } = await user.login({ environment: 'quay', registry: 'staging' });
    expect(errors).toContain(
      "quay.io is not Amazon's, or the environment has no AWS account: use `docker login quay.io`",
    );
    const { success, printed } = await user.login({ environment: 'quay' });
    expect(success).toBe(true);
    expect(printed).toContain("quay.io is not Amazon's");
  });

  test('for a stand-in, unless AWS is one too', async () => {
    const user = await signingIn();
    const env = { RELEASE_STAGING_REGISTRY: '127.0.0.1:5001/acme' };
    const options = { registry: 'staging' } as const;
    const { errors } = await user.login(options, { ...env, AWS_ENDPOINT_URL: '' });
    expect(errors).toContain("127.0.0.1:5001 is not Amazon's");
    expect((await user.login(options, env)).success).toBe(true);
  });

  test('where another program has the helper’s name', async () => {
    const user = await signingIn();
    await user.write(installed, 'somebody else’s');
    const { success, errors } = await user.login();
    expect(success).toBe(false);
    expect(errors).toBe(
      `✘ ${join(user.home, installed)} is there, and was not installed by this project; move it away, then run the step again`,
    );
    expect(await readdir(user.home)).toEqual(['.local']);
  });
});

describe('The installed helper', () => {
  test('says so when the Node that it was installed with is gone', async () => {
    const user = await signingIn();
    await user.login({ registry: 'public' });
    const path = '.local/share/teleport-release/docker-credential-teleport-release.mjs';
    const text = (await user.read(path)).replaceAll(process.execPath, '/gone/node');
    await writeFile(join(user.home, path), text);
    const line = '/gone/node is gone: run npx nx run release:login again\n';
    const told = { code: 1, output: line, said: line };
    expect(await user.askHelper('get', publicHost)).toEqual(told);
  });
});
