import type { IncomingHttpHeaders } from 'node:http';

import { S3Fault } from './fault.js';

/** Who may ask. */
export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const form =
  /^AWS4-HMAC-SHA256 Credential=([^/]+)\/(\d{8})\/([^/]+)\/s3\/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=[0-9a-f]{64}$/;

/**
 * Refuses a request that is not signed with SigV4 for this service and region by somebody known, or whose
 * signature leaves out what counts. The signature itself is not calculated. Returns the access key.
 */
export function checkSigned(
  headers: IncomingHttpHeaders,
  isKnown: (accessKeyId: string) => boolean,
  region: string,
): string {
  const { authorization } = headers;
  if (authorization === undefined) throw new S3Fault(403, 'AccessDenied', 'Access Denied');
  const [, accessKeyId, date = '', itsRegion, signed = ''] = form.exec(authorization) ?? [];
  if (accessKeyId === undefined) {
    throw new S3Fault(
      400,
      'AuthorizationHeaderMalformed',
      'The authorization header is malformed.',
    );
  }
  if (itsRegion !== region) {
    throw new S3Fault(
      400,
      'AuthorizationHeaderMalformed',
      `The authorization header is malformed; the region '${String(itsRegion)}' is wrong; expecting '${region}'`,
      { 'x-amz-bucket-region': region },
    );
  }
  const needed = Object.keys(headers).filter(
    (name) => name === 'host' || name === 'content-md5' || name.startsWith('x-amz-'),
  );
  const missing = needed.filter((name) => !signed.split(';').includes(name));
  const sent = headers['x-amz-date'];
  if (missing.length > 0 || typeof sent !== 'string' || !sent.startsWith(date)) {
    throw new S3Fault(403, 'SignatureDoesNotMatch', `not signed: ${missing.join(', ')}`);
  }
  if (isKnown(accessKeyId)) return accessKeyId;
  throw new S3Fault(
    403,
    'InvalidAccessKeyId',
    'The AWS Access Key Id you provided does not exist in our records.',
  );
}
