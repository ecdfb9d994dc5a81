import {
  serveAws,
  serveS3,
  type Aws,
  type AwsOptions,
  type S3,
  type S3Options,
} from '@teleport-plugins/testing';

import { engineer, role, signInAs } from './amazon.js';
import { providerWorkspace, releaseTag, type ProviderWorkspace } from './provider-workspace.js';

const account = '146628656107';
const region = 'us-west-2';

/** A workspace with a provider whose environment `production` is in AWS, which this machine stands in for. */
interface AmazonBuckets {
  readonly workspace: ProviderWorkspace;
  readonly aws: Aws;
  readonly s3: S3;
  /** For each run: where the services are, and the names of the buckets. */
  readonly env: Readonly<Record<string, string>>;
}

interface AmazonBucketsOptions extends Pick<AwsOptions, 'users' | 'roles'> {
  /** Who may assume the role of the environment. Default: the engineer. */
  readonly trust?: readonly string[];
  readonly s3?: S3Options;
  /** Of the `aws` block of the environment. */
  readonly accessKeys?: object;
  readonly bucketKeys?: readonly string[];
}

export async function amazonBuckets(options: AmazonBucketsOptions = {}): Promise<AmazonBuckets> {
  const { users = [], roles = [], trust = [engineer] } = options;
  const { accessKeys = {}, bucketKeys = [] } = options;
  const aws = await serveAws({
    users: [{ arn: engineer }, ...users],
    roles: [{ arn: role, trust }, ...roles],
  });
  const s3 = await serveS3({
    buckets: ['archives', 'tf-staging', 'tf-production'],
    region,
    permits: (accessKeyId, wish) => aws.permits(accessKeyId, wish),
    ...options.s3,
  });
  const workspace = await providerWorkspace();
  await workspace.configure({
    local: {},
    production: {
      aws: { account, region, roles: { write: role }, accessKeys, bucketKeys },
      artifacts: 's3://${AWS_S3_BUCKET}/drone',
      terraform: {
        staging: {
          host: 'tf-staging.example.com',
          store: 's3://tf-staging',
          signingKeys: [{ variable: 'STAGING_KEY' }],
        },
        production: {
          host: 'tf.example.com',
          store: 's3://tf-production',
          signingKeys: [{ variable: 'PRODUCTION_KEY' }],
        },
      },
    },
  });
  for (const platform of ['linux_amd64', 'darwin_arm64']) {
    await workspace.write(`binaries/${platform}/terraform-provider-acme`, 'a program\n');
  }
  await workspace.commit();
  await workspace.git('tag', releaseTag);
  signInAs(aws, engineer);
  return {
    workspace,
    aws,
    s3,
    env: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_ENDPOINT_URL_S3: s3.endpoint,
      AWS_S3_BUCKET: 'archives',
    },
  };
}
