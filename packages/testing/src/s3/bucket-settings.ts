import { elements } from '../xml.js';
import { malformedXml, notImplemented, S3Fault } from './fault.js';
import { parseLifecycle, ruleTree } from './lifecycle-rule.js';
import type { S3Call } from './routes.js';
import { bucketNamed } from './state.js';
import type { Answer, S3World } from './world.js';
import { xml } from './xml.js';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketVersioning.html */
export function putVersioning(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const { objects } = bucketNamed(world.buckets, call.bucket);
  const document = Buffer.concat(body).toString();
  const [configuration] = elements(document, 'VersioningConfiguration');
  if (configuration === undefined) throw malformedXml();
  if (elements(configuration, 'MfaDelete').includes('Enabled')) throw notImplemented('MfaDelete');
  const [status] = elements(configuration, 'Status');
  if (status === undefined) {
    throw new S3Fault(
      400,
      'IllegalVersioningConfigurationException',
      'The Versioning element must be specified',
    );
  }
  if (status !== 'Enabled' && status !== 'Suspended') throw malformedXml();
  objects.versioning = status;
  return {};
}

export function getVersioning(world: S3World, { bucket }: S3Call): Answer {
  const { versioning } = bucketNamed(world.buckets, bucket).objects;
  return { body: xml('VersioningConfiguration', { Status: versioning }) };
}

/**
 * Kept and given back, and not followed: nothing here happens by itself.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketLifecycleConfiguration.html
 */
export function putLifecycle(world: S3World, call: S3Call, body: readonly Uint8Array[]): Answer {
  const bucket = bucketNamed(world.buckets, call.bucket);
  const document = Buffer.concat(body).toString();
  bucket.lifecycle = parseLifecycle(document, () => `rule-${world.newNumber()}`);
  return { headers: transitions };
}

export function getLifecycle(world: S3World, { bucket }: S3Call): Answer {
  const { lifecycle } = bucketNamed(world.buckets, bucket);
  if (lifecycle.length === 0) {
    throw new S3Fault(
      404,
      'NoSuchLifecycleConfiguration',
      'The lifecycle configuration does not exist',
    );
  }
  return {
    headers: transitions,
    body: xml('LifecycleConfiguration', { Rule: lifecycle.map(ruleTree) }),
  };
}

/** S3's default, which it tells with each configuration. */
const transitions = {
  'x-amz-transition-default-minimum-object-size': 'all_storage_classes_128K',
};
