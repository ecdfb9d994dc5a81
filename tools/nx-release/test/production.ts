import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { serveRegistry } from '@teleport-plugins/registry';
import type { Secret } from '@teleport-plugins/secrets';
import { throwawayKey } from '@teleport-plugins/terraform-registry';
import {
  startAws,
  startS3,
  type Aws,
  type AwsCredentials,
  type PolicyDocument,
  type S3,
} from '@teleport-plugins/testing';

const account = '146628656107';
const region = 'us-west-2';
const iam = `arn:aws:iam::${account}:role`;
const permissionSets = `${iam}/aws-reserved/sso.amazonaws.com/${region}/AWSReservedSSO`;

/** Who signs in with AWS's single sign-on: session credentials of permission sets. */
const people = {
  engineer: `${permissionSets}_Plugin-Release-Engineers_0123456789abcdef`,
  administrator: `${permissionSets}_Plugin-Release-Administrators_0123456789abcdef`,
  reader: `${permissionSets}_Teleport-Team-Prod-ReadOnly_0123456789abcdef`,
  stranger: `${permissionSets}_Sales_0123456789abcdef`,
};

/** The role that release.config.json names for production. */
export const role = `${iam}/release-engineer-plugin-admin`;

/** The buckets of docs/iam-policies.md, by the variables that name them. */
const buckets = {
  AWS_S3_BUCKET: 'artifacts-bucket',
  STAGING_TERRAFORM_AWS_BUCKET: 'terraform-staging-bucket',
  PRODUCTION_TERRAFORM_AWS_BUCKET: 'terraform-production-bucket',
};

/** Of CloudFront, in front of the Terraform registry of production. */
export const distribution = 'DISTRIBUTION';

/** The users of CI, whose access keys are among its secrets, each with the role that it assumes. */
const robots = {
  images: { user: 'drone-images', role: 'drone-images', policy: 'release-engineer' },
  artifacts: { user: 'drone-artifacts', role: 'drone-artifacts', policy: 'terraform' },
  staging: { user: 'drone-staging', role: 'drone-staging', policy: 'terraform' },
  production: { user: 'drone-production', role: 'drone-production', policy: 'terraform' },
} as const;
const userArn = (name: string) => `arn:aws:iam::${account}:user/${name}`;

/** What stands in for AWS in the environment `production`. */
export interface Production {
  readonly aws: Aws;
  readonly s3: S3;
  /** Their names, by the variables. */
  readonly buckets: Readonly<Record<keyof typeof buckets, string>>;
  /** `host` of the registry behind public.ecr.aws, for images that anybody may read. */
  readonly open: { readonly host: string };
  /** What its Terraform registries are signed with. */
  readonly signingKeys: Readonly<Record<'staging' | 'production', Secret>>;
  /** What has to be set for it, and nothing else. */
  readonly env: Readonly<Record<string, string>>;
  /** The credentials of somebody, who has just signed in. */
  keysOf(person: keyof typeof people): Readonly<Record<string, string>>;
  /** The secrets of CI, by their names in Drone. */
  secretsOfCi(): Readonly<Record<string, string>>;
  /** What a job of GitHub Actions has: the role, and a file with its token in `folder`. */
  gitHubToken(subject: string): string;
  close(): Promise<void>;
}

/** An AWS of this machine with the account, roles, policies and repositories of `production`. */
export async function startProduction(options: {
  readonly directory: string;
  readonly images: readonly string[];
}): Promise<Production> {
  const serve = (name: string) => serveRegistry(join(options.directory, name));
  const [staged, published] = [await serve('staging'), await serve('public')];
  const aws = await startAws({
    users: Object.values(robots).map(({ user, role }) => ({
      arn: userArn(user),
      policy: assuming(`${iam}/${role}`),
    })),
    roles: [
      ...(await Promise.all(
        Object.values(robots).map(async ({ user, role, policy }) => ({
          arn: `${iam}/${role}`,
          trust: [userArn(user)],
          policy: await documented(policy),
        })),
      )),
      {
        arn: role,
        trust: await documented('trust'),
        policy: both(await documented('release-engineer'), await documented('terraform')),
      },
      { arn: people.administrator, trust: [], policy: await documented('administrator') },
      { arn: people.reader, trust: [], policy: await documented('read-only') },
    ],
    distributions: [{ account, id: distribution }],
    privateRegistries: [
      {
        ...{ account, region, upstream: staged.host },
        repositories: options.images.map((image) => ({ name: `gravitational/${image}` })),
      },
    ],
    publicRegistry: {
      upstream: published.host,
      registries: [{ account, alias: 'gravitational', repositories: options.images }],
    },
  });
  const s3 = await startS3({
    buckets: Object.values(buckets),
    region,
    permits: (accessKeyId, wish) => aws.permits(accessKeyId, wish),
  });
  const validFrom = new Date('2025-01-01T00:00:00Z');
  const signingKeys = {
    staging: await throwawayKey(validFrom, { bits: 2048 }),
    production: await throwawayKey(validFrom, { bits: 2048 }),
  };
  return {
    aws,
    s3,
    buckets,
    open: published,
    signingKeys,
    env: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      ...buckets,
      STAGING_TERRAFORM_REGISTRY_SIGNING_KEY: signingKeys.staging.reveal(),
      PRODUCTION_TERRAFORM_REGISTRY_SIGNING_KEY: signingKeys.production.reveal(),
      RELEASE_STAGING_REGISTRY: `${aws.privateRegistry(account, region).host}/gravitational`,
      RELEASE_PUBLIC_REGISTRY: `${aws.publicRegistry.host}/gravitational`,
      AWS_CONFIG_FILE: '/nonexistent',
      AWS_SHARED_CREDENTIALS_FILE: '/nonexistent',
    },
    keysOf: (person) => variablesOf(aws.sessionOf(people[person])),
    secretsOfCi: () => {
      const named = (robot: keyof typeof robots, id: string, secret: string, roleName: string) => {
        const { accessKeyId, secretAccessKey } = aws.keysOf(userArn(robots[robot].user));
        return {
          [id]: accessKeyId,
          [secret]: secretAccessKey,
          [roleName]: `${iam}/${robots[robot].role}`,
        };
      };
      const ofRegistry = (robot: 'staging' | 'production') => {
        const name = robot.toUpperCase();
        const aws = `${name}_TERRAFORM_AWS`;
        return {
          ...named(
            robot,
            `${aws}_ACCESS_KEY_ID`,
            `${aws}_SECRET_ACCESS_KEY`,
            `${aws}_DEPLOYMENT_ROLE`,
          ),
          [`${aws}_REGION`]: region,
          [`${name}_TERRAFORM_REGISTRY_SIGNING_KEY`]: signingKeys[robot].reveal(),
        };
      };
      const images = 'PLUGIN_BUILD_USER_STAGING';
      return {
        ...buckets,
        ...named('artifacts', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_ROLE'),
        ...named('images', `${images}_KEY`, `${images}_SECRET`, 'PLUGIN_BUILD_STAGING_AWS_ROLE'),
        ...ofRegistry('staging'),
        ...ofRegistry('production'),
        // Of others, in the same file.
        PRODUCTION_QUAYIO_DOCKER_PASSWORD: 'a password that nobody here needs',
      };
    },
    gitHubToken: (sub) =>
      aws.webIdentityToken({
        iss: 'https://token.actions.githubusercontent.com',
        aud: 'sts.amazonaws.com',
        sub,
      }),
    async close() {
      await Promise.all([aws.close(), s3.close()]);
      await Promise.all([staged.close(), published.close()]);
    },
  };
}

function variablesOf({ accessKeyId, secretAccessKey, sessionToken = '' }: AwsCredentials) {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  };
}

function assuming(arn: string): PolicyDocument {
  const Statement = [{ Effect: 'Allow' as const, Action: 'sts:AssumeRole', Resource: [arn] }];
  return { Version: '2012-10-17', Statement };
}

function both(one: PolicyDocument, other: PolicyDocument): PolicyDocument {
  return { ...one, Statement: [...one.Statement, ...other.Statement] };
}

/** A policy as docs/iam-policies.md has it. */
async function documented(name: string): Promise<PolicyDocument> {
  const file = join(resolve(import.meta.dirname, '../../..'), 'docs/iam-policies.md');
  const [, after = ''] = (await readFile(file, 'utf8')).split(`<!-- policy: ${name} -->`);
  const [, block = ''] = /^```json\n(.*?)^```$/ms.exec(after) ?? [];
  return JSON.parse(block) as PolicyDocument;
}
