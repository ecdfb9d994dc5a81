import { expect, test } from 'vitest';

import { ecrRegistryOf } from './hostname.js';

const account = '146628656107';

test.each([
  ['dkr.ecr.us-west-2.amazonaws.com', 'us-west-2', 'aws', false, false],
  ['dkr.ecr.ap-southeast-2.amazonaws.com', 'ap-southeast-2', 'aws', false, false],
  ['dkr.ecr-fips.us-east-1.amazonaws.com', 'us-east-1', 'aws', true, false],
  ['dkr.ecr.us-gov-west-1.amazonaws.com', 'us-gov-west-1', 'aws-us-gov', false, false],
  ['dkr.ecr-fips.us-gov-east-1.amazonaws.com', 'us-gov-east-1', 'aws-us-gov', true, false],
  ['dkr.ecr.cn-north-1.amazonaws.com.cn', 'cn-north-1', 'aws-cn', false, false],
  ['dkr.ecr.cn-northwest-1.amazonaws.com.cn', 'cn-northwest-1', 'aws-cn', false, false],
  ['dkr.ecr.eusc-de-east-1.amazonaws.eu', 'eusc-de-east-1', 'aws-eusc', false, false],
  ['dkr-ecr.us-west-2.on.aws', 'us-west-2', 'aws', false, true],
  ['dkr-ecr-fips.us-west-2.on.aws', 'us-west-2', 'aws', true, true],
  ['dkr-ecr.us-gov-west-1.on.aws', 'us-gov-west-1', 'aws-us-gov', false, true],
  ['dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'cn-north-1', 'aws-cn', false, true],
  ['dkr-ecr.eusc-de-east-1.on.amazonwebservices.eu', 'eusc-de-east-1', 'aws-eusc', false, true],
  ['DKR.ECR.US-WEST-2.AMAZONAWS.COM', 'us-west-2', 'aws', false, false],
])('%s is in %s', (host, region, partition, fips, dualStack) => {
  expect(ecrRegistryOf(`${account}.${host}`)).toEqual({
    ...{ kind: 'private', account, region, partition, fips, dualStack },
  });
});

test('public.ecr.aws is the public one', () => {
  expect(ecrRegistryOf('public.ecr.aws')).toEqual({ kind: 'public' });
  expect(ecrRegistryOf('Public.ECR.aws')).toEqual({ kind: 'public' });
});

test.each([
  '',
  'quay.io',
  'docker.io',
  '127.0.0.1:5000',
  `${account}.dkr.ecr.us-west-2.amazonaws.com.evil.example`,
  `evil.${account}.dkr.ecr.us-west-2.amazonaws.com`,
  `${account}.dkr.ecr.us-west-2.amazonaws.com:443`,
  `${account}.dkr.ecr.us-west-2.amazonaws.com/gravitational`,
  `${account}.dkr.ecr.us-west-2.amazonaws.com\n`,
  `${account}0.dkr.ecr.us-west-2.amazonaws.com`,
  '14662865610.dkr.ecr.us-west-2.amazonaws.com',
  '١٤٦٦٢٨٦٥٦١٠٧.dkr.ecr.us-west-2.amazonaws.com',
  `${account}.dkr.ecr.amazonaws.com`,
  `${account}.dkr.ecr.us-west-2.example.com`,
  `${account}.dkr.ecr.us-west-2.amazonaws.com.cn`,
  `${account}.dkr.ecr.cn-north-1.amazonaws.com`,
  `${account}.dkr.ecr.us-gov-west-1.amazonaws.com.cn`,
  `${account}.dkr.ecr.eusc-de-east-1.amazonaws.com`,
  `${account}.dkr.ecr.us-west-2.amazonaws.eu`,
  `${account}.dkr.ecr.us-west-2.on.aws`,
  `${account}.dkr-ecr.us-west-2.amazonaws.com`,
  `${account}.dkr-ecr.cn-north-1.on.aws`,
  `${account}.dkr.ecr-fips-fips.us-west-2.amazonaws.com`,
  `${account}.dkr.ecr.us-west-2..amazonaws.com`,
  `${account}.dkr.ecr.-.amazonaws.com`,
  `${account}.ecr.us-west-2.amazonaws.com`,
  'evil-public.ecr.aws',
  'public.ecr.aws.evil.example',
  'x.public.ecr.aws',
  'public.ecr.aws:443',
])('%j is none of them', (host) => {
  expect(ecrRegistryOf(host)).toBeUndefined();
});
