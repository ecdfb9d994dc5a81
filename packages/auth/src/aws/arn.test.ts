import { expect, test } from 'vitest';

import { parsePrincipal } from './arn.js';

const account = '146628656107';

test.each([
  [`arn:aws:iam::${account}:user/ann`, undefined, false],
  [`arn:aws:iam::${account}:root`, undefined, false],
  [`arn:aws:iam::${account}:role/admin`, 'admin', false],
  [`arn:aws:iam::${account}:role/a/path/admin`, 'admin', false],
  [`arn:aws:sts::${account}:assumed-role/admin/ann`, 'admin', true],
  [`arn:aws:sts::${account}:assumed-role/admin/ann@example.com`, 'admin', true],
  [`arn:aws:sts::${account}:federated-user/ann`, undefined, false],
])('%s', (arn, role, isSession) => {
  expect(parsePrincipal(arn)).toEqual({ account, partition: 'aws', role, isSession });
});

test.each(['aws-cn', 'aws-us-gov', 'aws-eusc'])('the partition may be %s', (partition) => {
  expect(parsePrincipal(`arn:${partition}:iam::${account}:role/admin`)).toMatchObject({
    partition,
  });
});

test.each([
  '',
  'ann',
  'arn:aws:s3:::bucket',
  `arn:aws:iam::${account}:`,
  `arn:aws:iam:us-west-2:${account}:role/admin`,
  `arn:aws:iam::${account}0:role/admin`,
  `arn:aws:iam::${account}:role/admin\nx`,
  `arn:evil:iam::${account}:role/admin`,
])('%j is none of them', (arn) => {
  expect(parsePrincipal(arn)).toBeUndefined();
});
