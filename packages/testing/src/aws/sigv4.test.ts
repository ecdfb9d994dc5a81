import { expect, test } from 'vitest';

import { hasSignature, parseAuthorization, signatureOf, type SignedRequest } from './sigv4.js';

const secret = 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY';
const scope = { date: '20150830', region: 'us-east-1', service: 'service' };
const signedHeaders = ['host', 'x-amz-date'];

// The figures are AWS's own: the vectors of its test suite for Signature Version 4.
test.each([
  ['GET', '/', '5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31'],
  ['POST', '/', '5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b'],
  [
    'GET',
    '/?Param2=value2&Param1=value1',
    'b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500',
  ],
])('signs %s %s as AWS does', (method, target, signature) => {
  expect(signatureOf(request(method, target), { scope, signedHeaders }, secret)).toBe(signature);
});

test('knows a signature of another key, or of another body, from a right one', () => {
  const sent = request('POST', '/');
  const signature = signatureOf(sent, { scope, signedHeaders }, secret);
  const authorization = parseAuthorization(
    `AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, Signature=${signature}`,
  )!;
  expect(authorization).toEqual({ accessKeyId: 'AKIDEXAMPLE', scope, signedHeaders, signature });
  expect(hasSignature(sent, authorization, secret)).toBe(true);
  expect(hasSignature(sent, authorization, `${secret}x`)).toBe(false);
  expect(hasSignature({ ...sent, body: Buffer.from('x') }, authorization, secret)).toBe(false);
});

function request(method: string, target: string): SignedRequest {
  const headers = { host: 'example.amazonaws.com', 'x-amz-date': '20150830T123600Z' };
  return { method, target, headers, body: Buffer.alloc(0) };
}
