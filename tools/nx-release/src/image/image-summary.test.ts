import { descriptorOf, mediaType } from '@teleport-plugins/oci';
import { expect, test } from 'vitest';

import { parseSummary } from './image-summary.js';

const index = descriptorOf(mediaType.ociIndex, Buffer.from('{}'));
const base = { reference: 'host', digest: index.digest };

test('what a step needs of image.json is read, and the rest left alone', () => {
  const summary = { version: '1.2.3', index, base };
  expect(parseSummary(JSON.stringify({ ...summary, platforms: 7 }))).toEqual(summary);
});

test.each([
  ['{"version', 'is not JSON'],
  ['null', 'expected an object, found null'],
  ['[]', 'expected an object, found an array'],
  ['{}', 'version: expected a text, found nothing'],
  [{ version: 1 }, 'version: expected a text, found a number'],
  [{ version: '1.2.3', index: {} }, 'index: the member "mediaType" is missing'],
  [{ version: '1.2.3', index }, 'base: expected an object, found nothing'],
  [{ version: '1.2.3', index, base: {} }, 'base.reference: expected a text, found nothing'],
  [
    { version: '1.2.3', index, base: { ...base, digest: 'x' } },
    'base.digest: expected a digest, found "x"',
  ],
])('%j is told by what is wrong with it', (value, problem) => {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  expect(() => parseSummary(text)).toThrow(problem);
});
