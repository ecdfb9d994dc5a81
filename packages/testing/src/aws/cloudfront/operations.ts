import type { Authenticated } from '../authentication.js';
import { AwsFault } from '../fault.js';
import { deniedMessage, refusalOf } from '../principals.js';
import type { World } from '../world.js';
import { rootXml } from '../xml.js';
import { parseBatch } from './batch.js';
import { invalidate, type Distribution, type Invalidation } from './distributions.js';

/** What an answer is beyond its body. */
export interface RestAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request of CloudFront's API, by somebody who is known. */
interface CloudFrontCall extends Authenticated {
  readonly world: World;
  readonly distribution: string;
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_CreateInvalidation.html */
export function createInvalidation(call: CloudFrontCall, document: string): RestAnswer {
  const distribution = authorized(call, 'CreateInvalidation');
  const invalidation = invalidate(distribution, parseBatch(document), call.world.now());
  if (invalidation === undefined) {
    throw new AwsFault(
      { code: 'InvalidationBatchAlreadyExists', status: 409 },
      'The caller reference was used for an invalidation of other paths.',
    );
  }
  const path = `2020-05-31/distribution/${distribution.id}/invalidation/${invalidation.id}`;
  return {
    status: 201,
    headers: { location: `https://cloudfront.amazonaws.com/${path}` },
    body: invalidationXml(invalidation, 'InProgress'),
  };
}

/** https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_GetInvalidation.html */
export function getInvalidation(call: CloudFrontCall, id: string): RestAnswer {
  const { invalidations } = authorized(call, 'GetInvalidation');
  const invalidation = invalidations.find((each) => each.id === id);
  if (invalidation === undefined) {
    throw new AwsFault(
      { code: 'NoSuchInvalidation', status: 404 },
      'The specified invalidation does not exist.',
    );
  }
  // Whoever asks again need not wait here.
  return { body: invalidationXml(invalidation, 'Completed') };
}

/** The distribution, which has to be one of the caller's account. */
function authorized(
  { world, principal, region, distribution }: CloudFrontCall,
  operation: string,
): Distribution {
  if (region !== 'us-east-1') {
    throw new AwsFault(
      'bad-signature',
      `Credential should be scoped to a valid region, not '${region}'.`,
    );
  }
  const resource = `arn:aws:cloudfront::${principal.account}:distribution/${distribution}`;
  const wish = { action: `cloudfront:${operation}`, resource };
  const policyKind = refusalOf(principal, wish);
  if (policyKind !== undefined) {
    throw new AwsFault('access-denied', deniedMessage(principal.arn, wish, policyKind));
  }
  const found = world.distributions.find(principal.account, distribution);
  if (found !== undefined) return found;
  throw new AwsFault(
    { code: 'NoSuchDistribution', status: 404 },
    'The specified distribution does not exist.',
  );
}

function invalidationXml(
  { id, created, callerReference, paths }: Invalidation,
  status: 'InProgress' | 'Completed',
): string {
  return rootXml('Invalidation', 'cloudfront', {
    Id: id,
    Status: status,
    CreateTime: created.toISOString(),
    InvalidationBatch: {
      Paths: { Quantity: paths.length, Items: { Path: paths } },
      CallerReference: callerReference,
    },
  });
}
