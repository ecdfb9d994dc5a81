import type { WantedRegistrations } from '../setup.js';

export const stagingHost = '146628656107.dkr.ecr.us-west-2.amazonaws.com';
export const publicHost = 'public.ecr.aws';

const common = {
  environment: 'production',
  login: { registry: 'both' as const, access: 'write' as const },
  account: '146628656107',
  region: 'us-west-2',
  profile: 'teleport-prod',
};

/** Both registries of an environment, as `release:login` registers them. */
export const wanted: WantedRegistrations = new Map([
  [
    stagingHost,
    {
      ...common,
      registry: {
        kind: 'private' as const,
        account: '146628656107',
        region: 'us-west-2',
        partition: 'aws',
        fips: false,
        dualStack: false,
      },
      role: {
        arn: 'arn:aws:iam::146628656107:role/release-engineer-plugin-admin',
        durationSeconds: 3600,
        sourceIdentity: true,
        tags: { project: 'teleport-plugins' },
        mfaSerial: 'arn:aws:iam::146628656107:mfa/ann',
      },
    },
  ],
  [publicHost, { ...common, registry: { kind: 'public' as const } }],
]);
