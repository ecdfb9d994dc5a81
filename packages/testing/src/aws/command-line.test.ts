import { expect, test } from 'vitest';

import { describeWithPeer } from '../peer.js';
import { serveAws } from './serve.js';
import { commandLine } from './test/command-line.js';

const account = '146628656107';
const ann = `arn:aws:iam::${account}:user/ann`;
const admin = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;

describeWithPeer({ program: 'aws', install: 'apt-get install awscli' }, (program) => {
  test('says who somebody is, with lasting and with temporary keys', async () => {
    const aws = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
    const asAnn = commandLine(program, aws, aws.keysOf(ann));
    expect(JSON.parse(await asAnn('sts', 'get-caller-identity'))).toMatchObject({
      Account: account,
      Arn: ann,
    });
    const session = aws.sessionOf(admin, { name: 'ann-at-work' });
    const asAdmin = commandLine(program, aws, session);
    expect(JSON.parse(await asAdmin('sts', 'get-caller-identity'))).toMatchObject({
      Arn: `arn:aws:sts::${account}:assumed-role/release-engineer-plugin-admin/ann-at-work`,
    });
    expect(aws.calls.sts).toEqual(['GetCallerIdentity', 'GetCallerIdentity']);
  });

  test('assumes a role and gets a password for ECR and for ECR Public', async () => {
    const aws = await serveAws({ users: [{ arn: ann }], roles: [{ arn: admin, trust: [ann] }] });
    const asAnn = commandLine(program, aws, aws.keysOf(ann));
    const role = ['--role-arn', admin, '--role-session-name', 'ann'];
    const assumed = JSON.parse(await asAnn('sts', 'assume-role', ...role)) as {
      readonly Credentials: Readonly<Record<string, string>>;
    };
    const { AccessKeyId, SecretAccessKey, SessionToken } = assumed.Credentials;
    const asAdmin = commandLine(program, aws, {
      accessKeyId: AccessKeyId!,
      secretAccessKey: SecretAccessKey!,
      sessionToken: SessionToken!,
    });
    expect(await asAdmin('ecr', 'get-login-password')).toMatch(/^\S+\n$/);
    expect(await asAdmin('ecr-public', 'get-login-password', '--region', 'us-east-1')).toMatch(
      /^\S+\n$/,
    );
    await expect(asAdmin('ecr-public', 'get-login-password')).rejects.toThrow(
      /UnsupportedCommandException/,
    );
    expect(await asAdmin('ecr', 'create-repository', '--repository-name', 'acme/app')).toContain(
      account,
    );
    expect(await asAdmin('ecr', 'describe-repositories')).toContain('acme/app');
  });
});
