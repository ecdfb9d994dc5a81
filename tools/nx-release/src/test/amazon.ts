import { serveRegistry } from '@teleport-plugins/registry';
import { serveAws, temporaryDirectory, type Aws } from '@teleport-plugins/testing';
import { onTestFinished, vi } from 'vitest';

import { testWorkspace, type TestWorkspace } from './workspace.js';

const account = '146628656107';
const region = 'us-west-2';

/** Who may release: assumes the role. */
export const engineer = `arn:aws:iam::${account}:user/engineer`;
export const role = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;

/** A role to read with; no environment has it by itself. */
export const reader = `arn:aws:iam::${account}:role/teams/plugin-reader`;

/** A workspace whose environment `production` is in AWS, and an AWS of this machine that stands in. */
export interface AmazonWorkspace {
  readonly workspace: TestWorkspace;
  readonly aws: Aws;
  /** For each run: where the registries and the services are. */
  readonly env: Readonly<
    Record<'AWS_ENDPOINT_URL' | 'RELEASE_STAGING_REGISTRY' | 'RELEASE_PUBLIC_REGISTRY', string>
  >;
  /** `host/alias/mail`. */
  readonly staging: string;
  readonly public: string;
}

export interface AmazonOptions {
  /** What is added to the `aws` block of the environment. */
  readonly settings?: object;
  /** Whether the repositories are there. Default: true. */
  readonly repositories?: boolean;
  /** Who may assume the roles. Default: the engineer. */
  readonly trust?: readonly string[];
}

export async function amazonWorkspace(options: AmazonOptions = {}): Promise<AmazonWorkspace> {
  const { repositories = true, settings = {} } = options;
  const upstream = await serveRegistry(await temporaryDirectory());
  onTestFinished(() => upstream.close());
  const aws = await serveAws({
    users: [{ arn: engineer }],
    roles: [role, reader].map((arn) => ({ arn, trust: options.trust ?? [engineer] })),
    privateRegistries: [
      {
        account,
        region,
        upstream: upstream.host,
        repositories: repositories ? [{ name: 'acme/mail' }] : [],
      },
    ],
    publicRegistry: {
      upstream: upstream.host,
      registries: [{ account, alias: 'acme-public', repositories: repositories ? ['mail'] : [] }],
    },
  });
  const workspace = await testWorkspace();
  await workspace.write('release.config.json', {
    source: 'https://github.com/acme/plugins',
    defaultEnvironment: 'production',
    environments: {
      production: {
        registries: {
          staging: `${account}.dkr.ecr.${region}.amazonaws.com/acme`,
          public: 'public.ecr.aws/acme-public',
        },
        base: workspace.base,
        aws: { account, roles: { write: role }, ...settings },
      },
    },
  });
  signInAs(aws, engineer);
  const hosts = {
    staging: `${aws.privateRegistry(account, region).host}/acme`,
    public: `${aws.publicRegistry.host}/acme-public`,
  };
  return {
    workspace,
    aws,
    env: {
      AWS_ENDPOINT_URL: aws.endpoint,
      RELEASE_STAGING_REGISTRY: hosts.staging,
      RELEASE_PUBLIC_REGISTRY: hosts.public,
    },
    staging: `${hosts.staging}/mail`,
    public: `${hosts.public}/mail`,
  };
}

/** The SDK looks for credentials in the environment of the process itself: nothing of this machine's counts. */
export function signInAs(aws: Aws, user: string): void {
  const { accessKeyId, secretAccessKey } = aws.keysOf(user);
  vi.stubEnv('AWS_ACCESS_KEY_ID', accessKeyId);
  vi.stubEnv('AWS_SECRET_ACCESS_KEY', secretAccessKey);
  for (const name of ['AWS_SESSION_TOKEN', 'AWS_PROFILE', 'AWS_REGION', 'AWS_DEFAULT_REGION']) {
    vi.stubEnv(name, undefined);
  }
  vi.stubEnv('AWS_CONFIG_FILE', '/nonexistent');
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/nonexistent');
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
}
