import { expect, test } from 'vitest';

import { awsEndpoints } from './endpoints.js';

test('without variables the services are where AWS has them', () => {
  expect(awsEndpoints({})).toEqual({});
  expect(awsEndpoints({ AWS_ENDPOINT_URL: '', AWS_ENDPOINT_URL_ECR: '' })).toEqual({});
});

test('one variable is for all services, and those of single ones come first', () => {
  const variables = {
    AWS_ENDPOINT_URL: 'http://127.0.0.1:1',
    AWS_ENDPOINT_URL_ECR_PUBLIC: 'http://127.0.0.1:2',
    AWS_ENDPOINT_URL_S3: '',
  };
  expect(awsEndpoints(variables)).toEqual({
    sts: 'http://127.0.0.1:1',
    ecr: 'http://127.0.0.1:1',
    ecrPublic: 'http://127.0.0.1:2',
    s3: 'http://127.0.0.1:1',
  });
});

test('a service can be elsewhere alone', () => {
  expect(awsEndpoints({ AWS_ENDPOINT_URL_STS: 'http://127.0.0.1:1' })).toEqual({
    sts: 'http://127.0.0.1:1',
  });
});
