import { serveRegistry } from '@teleport-plugins/registry';
import { startAws, type Aws } from '@teleport-plugins/testing';

const account = '146628656107';
const region = 'us-west-2';
const engineer = `arn:aws:iam::${account}:user/engineer`;

/** The role that release.config.json names for production. */
export const role = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;

/** What stands in for AWS in the environment `production`. */
export interface Production {
  readonly aws: Aws;
  /** What has to be set for it, the keys of an engineer among it, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** An AWS of this machine with the role, account and repositories of `production`. */
export async function startProduction(options: {
  readonly directory: string;
  readonly images: readonly string[];
}): Promise<Production> {
  const upstream = await serveRegistry(options.directory);
  const { host } = upstream;
  const aws = await startAws({
    users: [{ arn: engineer }],
    roles: [{ arn: role, trust: [engineer] }],
    privateRegistries: [
      {
        ...{ account, region, upstream: host },
        repositories: options.images.map((image) => ({ name: `gravitational/${image}` })),
      },
    ],
    publicRegistry: {
      upstream: host,
      registries: [{ account, alias: 'gravitational', repositories: options.images }],
    },
  });
  const { accessKeyId, secretAccessKey } = aws.keysOf(engineer);
  return {
    aws,
    env: {
      AWS_ENDPOINT_URL: aws.endpoint,
      RELEASE_STAGING_REGISTRY: `${aws.privateRegistry(account, region).host}/gravitational`,
      RELEASE_PUBLIC_REGISTRY: `${aws.publicRegistry.host}/gravitational`,
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    },
    async close() {
      await aws.close();
      await upstream.close();
    },
  };
}
