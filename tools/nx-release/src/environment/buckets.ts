import { Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';

import {
  awsEndpoints,
  partitionOf,
  proxyAgentFor,
  sessionPolicy,
  type AwsCredentials,
  type PolicyDocument,
} from '@teleport-plugins/auth';
import { s3Store, type ObjectStore } from '@teleport-plugins/object-store';
import type { BucketEndpoint } from '@teleport-plugins/release';
import { archivesFolder } from '@teleport-plugins/terraform-registry';

import type { ProviderStep } from '../step/step.js';
import { awsSession, foundCredentials, roleOf, type Actor } from './aws-session.js';
import { proxyOf } from './proxy.js';
import type { StorePlace, StoreRole } from './store-place.js';

/** How a step signs in to the buckets that it goes to. */
export interface BucketSignIn {
  at(role: StoreRole): BucketSession;
  /** What the step may do in AWS; `undefined` where it has nothing to do there. */
  readonly policy: PolicyDocument | undefined;
  /** Whether a role is assumed for it, which the policy can take rights away from. */
  readonly assumesRole: boolean;
  /** Who has signed in to AWS, as an ARN, to write if that is so; `undefined` as long as nobody has. */
  identity(): string | undefined;
}

/** Who goes to a bucket, and where it is. */
export interface BucketSession {
  readonly credentials: () => Promise<AwsCredentials>;
  readonly region: string;
}

type BucketPlace = StorePlace & { readonly endpoint: BucketEndpoint };

/**
 * One session in AWS for all buckets, which begins when the first one asks for credentials: with rights to
 * what is below their prefixes, and to the folder of the release tag among the archives. A bucket for which
 * there is an access key has a session of its own. In an environment without an AWS account the credentials of
 * this machine are used as they are. Makes no request.
 */
export function signInToBuckets(step: ProviderStep, places: readonly StorePlace[]): BucketSignIn {
  const { environment, host, options } = step;
  const actor: Actor = { environment, host, mfaCode: options.mfaCode };
  const region = regionOf(step);
  const buckets = places.flatMap(({ endpoint, ...place }): BucketPlace[] =>
    endpoint.kind === 'bucket' ? [{ ...place, endpoint }] : [],
  );
  if (environment.aws() === undefined || buckets.length === 0) {
    let found: (() => Promise<AwsCredentials>) | undefined;
    const credentials = () => (found ??= foundCredentials(actor))();
    return {
      at: () => ({ credentials, region }),
      policy: undefined,
      assumesRole: false,
      identity: () => undefined,
    };
  }
  const keyAt = ({ role }: StorePlace) => environment.aws()?.accessKey(role);
  const shared = buckets.filter((place) => keyAt(place) === undefined);
  const sessions = [shared, ...buckets.filter((place) => keyAt(place)).map((place) => [place])]
    .filter((group) => group.length > 0)
    .map((group) => ({ group, ...sessionFor(step, actor, group) }));
  return {
    at: (role) => {
      const session = sessions.find(({ group }) => group.some((place) => place.role === role));
      if (session === undefined) throw new Error(`${role} is not a bucket of this step`);
      return { credentials: session.credentials, region: session.region ?? region };
    },
    policy: rightsToBuckets(step, buckets),
    assumesRole: sessions.some((each) => each.assumesRole),
    identity: () => {
      const writers = sessions.filter((each) => each.access === 'write');
      return [...writers, ...sessions]
        .map((each) => each.identity())
        .find((arn) => arn !== undefined);
    },
  };
}

/** A session for buckets that the same one goes to. */
function sessionFor(step: ProviderStep, actor: Actor, group: readonly BucketPlace[]) {
  const access = group.some((place) => place.access !== 'read') ? 'write' : 'read';
  const [first] = group;
  const key = first && actor.environment.aws()?.accessKey(first.role);
  const wish = { access, policy: rightsToBuckets(step, group), key } as const;
  const session = awsSession(actor, wish);
  let arn: string | undefined;
  return {
    access,
    region: key?.region,
    assumesRole: roleOf(actor.environment, wish) !== undefined,
    credentials: async () => {
      ({ arn } = await session.identity(actor.host.signal));
      return session.credentials();
    },
    identity: () => arn,
  };
}

/** A bucket of AWS's, or of the server that AWS_ENDPOINT_URL_S3 names. */
export async function bucketStore(
  step: ProviderStep,
  { bucket, prefix }: BucketEndpoint,
  { credentials, region }: BucketSession,
): Promise<ObjectStore> {
  const { env } = step.host;
  const endpoint = awsEndpoints(env).s3;
  const { hostname, port } = new URL(
    endpoint ?? `https://${bucket}.s3.${region}.${partitionOf(region).suffix}`,
  );
  const httpsAgent = await proxyAgentFor({ hostname, port: Number(port || 443) }, proxyOf(env));
  return s3Store({
    bucket,
    prefix,
    region,
    endpoint,
    credentials,
    agents: {
      httpAgent: new HttpAgent({ keepAlive: true }),
      // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- it is one in all that Node asks of it
      httpsAgent: httpsAgent ?? new HttpsAgent({ keepAlive: true }),
    },
  });
}

/** A dry run only reads, and could not write. */
function rightsToBuckets(step: ProviderStep, places: readonly BucketPlace[]): PolicyDocument {
  const { options, selection } = step;
  // --print-policy alone shows what the real step may do.
  const readsOnly = options.printPolicy === true ? options.dryRun === true : step.dryRun;
  const { partition } = partitionOf(regionOf(step));
  const needs = { readObjects: [], writeObjects: [], deleteObjects: [] } as Record<
    'readObjects' | 'writeObjects' | 'deleteObjects',
    string[]
  >;
  for (const { role, access, endpoint } of places) {
    const { bucket, prefix } = endpoint;
    const folder = role === 'artifacts' ? [archivesFolder, selection.releaseTag] : [];
    const path = [bucket, ...(prefix === '' ? [] : [prefix]), ...folder, '*'].join('/');
    const arn = `arn:${partition}:s3:::${path}`;
    const writes = access !== 'read' && !readsOnly;
    needs[writes ? 'writeObjects' : 'readObjects'].push(arn);
    // To find out whether conditions hold, a key is written and removed.
    if (writes && access === 'change') needs.deleteObjects.push(arn);
  }
  const keysOfObjects = step.environment.aws()?.bucketKeys() ?? [];
  return sessionPolicy({ ...needs, keysOfObjects });
}

function regionOf({ environment, host }: ProviderStep): string {
  const { AWS_REGION, AWS_DEFAULT_REGION } = host.env;
  const set = [AWS_REGION, AWS_DEFAULT_REGION].find((each) => each !== undefined && each !== '');
  return environment.aws()?.region() ?? set ?? 'us-east-1';
}
