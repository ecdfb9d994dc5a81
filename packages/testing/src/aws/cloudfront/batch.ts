import { elements, unescaped } from '../../xml.js';
import { AwsFault } from '../fault.js';
import type { InvalidationBatch } from './distributions.js';

/**
 * Reads the body of a request, and checks it as CloudFront does.
 * https://docs.aws.amazon.com/cloudfront/latest/APIReference/API_InvalidationBatch.html
 */
export function parseBatch(document: string): InvalidationBatch {
  const [batch] = elements(document, 'InvalidationBatch');
  if (batch === undefined) {
    throw new AwsFault({ code: 'MissingBody' }, 'This operation requires a body.');
  }
  const callerReference = elements(batch, 'CallerReference').map(unescaped)[0] ?? '';
  const paths = pathsIn(batch);
  if (Number(elements(batch, 'Quantity')[0]) !== paths.length) {
    throw new AwsFault(
      { code: 'InconsistentQuantities' },
      'The value of Quantity and the size of Items do not match.',
    );
  }
  if (callerReference === '') throw invalid('Your request contains no caller reference.');
  if (paths.length === 0 || paths.some((path) => !/^\/[\x21-\x7e]*$/.test(path))) {
    throw invalid('Your request contains one or more invalid invalidation paths.');
  }
  return { callerReference, paths };
}

/** The log of calls has them too, of requests that are refused as well. */
export function pathsIn(document: string): readonly string[] {
  return elements(document, 'Path').map(unescaped);
}

function invalid(message: string): AwsFault {
  return new AwsFault({ code: 'InvalidArgument' }, message);
}
