import { describe, expect, test } from 'vitest';

import { admin, ann, publicHost, signedIn, stagingHost, type Answer } from './helper.js';

/** The password that docker gets. */
function secretOf({ exitCode, output, said }: Answer): string {
  expect({ exitCode, said }, output).toEqual({ exitCode: 0, said: '' });
  const { Username, Secret } = JSON.parse(output) as Readonly<Record<string, string>>;
  expect(Username).toBe('AWS');
  return Secret ?? '';
}

describe('get', () => {
  test('gives a token that AWS has issued, and the same again without asking AWS', async () => {
    const { aws, run, asAnn } = await signedIn();
    const first = await run('get', stagingHost, asAnn);
    expect(JSON.parse(first.output)).toMatchObject({ ServerURL: stagingHost });
    expect(aws.calls.sts).toEqual(['GetCallerIdentity']);
    expect(aws.calls.ecr).toEqual(['GetAuthorizationToken']);
    await aws.close();
    const second = await run('get', `https://${stagingHost}`, asAnn);
    expect(secretOf(second)).toBe(secretOf(first));
    expect(aws.calls.all).toHaveLength(2);
  });

  test('asks for the public registry in the one region that has it', async () => {
    const { aws, run, asAnn } = await signedIn();
    secretOf(await run('get', publicHost, { ...asAnn, AWS_REGION: 'eu-west-1' }));
    const [call] = aws.calls.all.filter(({ service }) => service === 'ecr-public');
    expect(call).toMatchObject({ action: 'GetAuthorizationToken', region: 'us-east-1' });
  });

  test('assumes the role that is registered', async () => {
    const { aws, run, asAnn } = await signedIn({ role: { arn: admin, tags: { team: 'release' } } });
    secretOf(await run('get', stagingHost, asAnn));
    expect(aws.calls.sts).toEqual(['GetCallerIdentity', 'AssumeRole']);
    expect(aws.calls.all.find(({ service }) => service === 'ecr')?.by).toMatch(
      /:assumed-role\/release-engineer-plugin-admin\//,
    );
  });

  test('gives nobody the token of another', async () => {
    const { aws, run, asAnn, asBob } = await signedIn();
    const ofAnn = secretOf(await run('get', stagingHost, asAnn));
    expect(secretOf(await run('get', stagingHost, asBob))).not.toBe(ofAnn);
    expect(secretOf(await run('get', stagingHost, asAnn))).toBe(ofAnn);
    expect(aws.calls.ecr).toHaveLength(2);
  });

  test('by ten processes at once makes one call', async () => {
    const { aws, run, asAnn } = await signedIn();
    const all = Array.from({ length: 10 }, () => run('get', stagingHost, asAnn));
    expect(new Set((await Promise.all(all)).map(secretOf)).size).toBe(1);
    expect(aws.calls.ecr).toEqual(['GetAuthorizationToken']);
    expect(aws.calls.sts).toEqual(['GetCallerIdentity']);
  });

  test('of what is not registered is what docker knows as "none"', async () => {
    const { run, asAnn } = await signedIn();
    expect(await run('get', 'registry.example', asAnn)).toEqual({
      exitCode: 1,
      output: 'credentials not found in native keychain\n',
      said: '',
    });
  });
});

describe('What goes wrong is one line on the standard output, and on the standard error for people', () => {
  test('an SSO session that has expired, with the command that begins one', async () => {
    const { run, write } = await signedIn({ profile: 'teleport-prod' });
    await write(
      '.aws/config',
      `[profile teleport-prod]
sso_session = teleport
sso_account_id = 146628656107
sso_role_name = Plugin-Release-Engineers
[sso-session teleport]
sso_start_url = https://teleport.awsapps.com/start
sso_region = us-west-2
`,
    );
    const { exitCode, output, said } = await run('get', stagingHost);
    expect({ exitCode, said }).toEqual({ exitCode: 1, said: output });
    expect(output).toMatch(/^.*SSO.*expired.*run "aws sso login --profile teleport-prod".*\n$/);
  });

  test('credentials of another account, before they are used for anything', async () => {
    const { aws, run, asEve } = await signedIn();
    const { exitCode, output, said } = await run('get', stagingHost, asEve);
    expect({ exitCode, said }).toEqual({ exitCode: 1, said: output });
    expect(output).toMatch(/^.*:999999999999:user\/eve.*146628656107.*\n$/);
    expect(aws.calls.ecr).toEqual([]);
  });

  test.each([
    [undefined, '-c production'],
    [{ registry: 'both', access: 'read' }, '-c production'],
    [{ registry: 'staging', access: 'write' }, '-c production --registry staging --access write'],
  ] as const)(
    'a code that the role asks for, with the login that takes one: %o',
    async (login, words) => {
      const mfaSerial = 'arn:aws:iam::146628656107:mfa/ann';
      const { aws, run, asAnn } = await signedIn({ login, role: { arn: admin, mfaSerial } });
      const { exitCode, output, said } = await run('get', stagingHost, asAnn);
      expect({ exitCode, said }).toEqual({ exitCode: 1, said: output });
      expect(output).toBe(
        `sts:AssumeRole on ${admin} as ${ann}: a code of the multi-factor device ${mfaSerial} is needed; run \`npx nx run release:login ${words} --mfa-code …\`\n`,
      );
      expect(aws.calls.sts).toEqual(['GetCallerIdentity']);
    },
  );

  test('a code that the profile asks for, with the same', async () => {
    const { run, write, asAnn } = await signedIn({ profile: 'release' });
    const mfaSerial = 'arn:aws:iam::146628656107:mfa/ann';
    await write(
      '.aws/config',
      `[profile keys]
aws_access_key_id = ${asAnn.AWS_ACCESS_KEY_ID}
aws_secret_access_key = ${asAnn.AWS_SECRET_ACCESS_KEY}
[profile release]
role_arn = ${admin}
source_profile = keys
mfa_serial = ${mfaSerial}
`,
    );
    const { exitCode, output } = await run('get', stagingHost);
    expect({ exitCode, output }).toEqual({
      exitCode: 1,
      output: `AWS credentials of the profile "release": a code of the multi-factor device ${mfaSerial} is needed; run \`npx nx run release:login -c production --mfa-code …\`\n`,
    });
  });

  test('a token that has run out, and AWS that gives no other: never the old one', async () => {
    const { aws, run, asAnn, changeCached } = await signedIn();
    const old = secretOf(await run('get', stagingHost, asAnn));
    const inFourMinutes = new Date(Date.now() + 4 * 60_000);
    await changeCached((token) => ({ ...token, expiresAt: inFourMinutes }));
    const undo = aws.misbehave({ action: 'GetAuthorizationToken', as: 'access-denied' });
    const { exitCode, output, said } = await run('get', stagingHost, asAnn);
    expect({ exitCode, said }).toEqual({ exitCode: 1, said: output });
    expect(output).toMatch(
      /^ecr:GetAuthorizationToken on registry 146628656107 in us-west-2 as \S+: access denied; .+\n$/,
    );
    expect(output).toContain(ann);
    expect(output).not.toContain(old);
    undo();
    expect(secretOf(await run('get', stagingHost, asAnn))).not.toBe(old);
  });

  test('registrations that cannot be understood', async () => {
    const { run, write, home } = await signedIn();
    await write('.config/teleport-release/registries.json', '{');
    const line = `${home}/.config/teleport-release/registries.json: it is not JSON; delete the file and run \`npx nx run release:login\` again\n`;
    expect(await run('get', stagingHost)).toEqual({ exitCode: 1, output: line, said: line });
  });

  test('a cache that is not private is not used, and that is said apart', async () => {
    const { run, write, home, asAnn } = await signedIn();
    await write('.cache/teleport-release', 'a file');
    const { exitCode, said } = await run('get', stagingHost, asAnn);
    expect({ exitCode, said }).toEqual({
      exitCode: 0,
      said: `${home}/.cache/teleport-release: no tokens are kept, it is not a folder\n`,
    });
  });
});

describe('The other actions', () => {
  test('store and erase say nothing, and after erase there is a new token', async () => {
    const { run, asAnn } = await signedIn();
    const quiet = { exitCode: 0, output: '', said: '' };
    const first = secretOf(await run('get', stagingHost, asAnn));
    const document = { ServerURL: stagingHost, Username: 'AWS', Secret: first };
    expect(await run('store', JSON.stringify(document), asAnn)).toEqual(quiet);
    expect(secretOf(await run('get', stagingHost, asAnn))).toBe(first);
    expect(await run('erase', stagingHost, asAnn)).toEqual(quiet);
    expect(await run('erase', `https://${stagingHost}`, asAnn)).toEqual(quiet);
    expect(secretOf(await run('get', stagingHost, asAnn))).not.toBe(first);
  });

  test('list names the registries', async () => {
    const { run } = await signedIn();
    const { output } = await run('list');
    expect(JSON.parse(output)).toEqual({ [stagingHost]: 'AWS', [publicHost]: 'AWS' });
  });

  test('without one there is the usage, and an error', async () => {
    const { run } = await signedIn();
    const { exitCode, output } = await run('');
    expect(exitCode).toBe(1);
    expect(output).toMatch(/^usage: /);
  });
});
