import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { formatStore, parseStore, parseStoreOverride } from './store.js';

const parse = (text: string) => parseStore('/workspace', text);
const override = (text: string) => parseStoreOverride('/workspace', text);

test.each([
  ['s3://bucket', { bucket: 'bucket', prefix: '' }],
  ['s3://bucket/', { bucket: 'bucket', prefix: '' }],
  ['s3://my.bucket-1/a/b_c.d', { bucket: 'my.bucket-1', prefix: 'a/b_c.d' }],
  ['s3://bucket/a/', { bucket: 'bucket', prefix: 'a' }],
])('%s is a bucket', (text, expected) => {
  expect(parse(text)).toEqual({ kind: 'bucket', ...expected });
  expect(override(text)).toEqual(parse(text));
});

test('a folder is inside the workspace', () => {
  const found = { kind: 'directory', directory: '/workspace/.release/artifacts' };
  expect(parse('file:.release/artifacts')).toEqual(found);
  expect(override('file:.release/artifacts')).toEqual(found);
});

test.each([
  ['file:/var/store', '/var/store'],
  ['file:///var/store/', '/var/store'],
])('%s is a folder for a variable only, which is of one machine', (text, directory) => {
  expect(parse(text)).toBeUndefined();
  expect(override(text)).toEqual({ kind: 'directory', directory });
});

test.each([
  '',
  'bucket',
  's3:bucket',
  's3://',
  's3://a',
  's3://Bucket',
  's3://a..b',
  's3://bucket/a//b',
  's3://bucket//',
  's3://bucket/../a',
  's3://bucket/a*',
  's3://bucket/a?region=x',
  `s3://bucket/${'x'.repeat(513)}`,
  's3://user:password@bucket',
  'https://bucket.s3.amazonaws.com',
  'file:',
  'file:.',
  'file:..',
  'file:../x',
  'file:a\0b',
  'file://host/x',
])('%j is no store', (text) => {
  expect(parse(text)).toBeUndefined();
  expect(override(text)).toBeUndefined();
});

describe('a store as a text', () => {
  test('is the one that was read', () => {
    const segment = fc.stringMatching(/^[a-z0-9_-]{1,8}$/);
    const texts = fc
      .tuple(fc.stringMatching(/^[a-z0-9][a-z0-9-]{1,8}[a-z0-9]$/), fc.array(segment))
      .map(([bucket, path]) => ['s3:/', bucket, ...path].join('/'));
    fc.assert(
      fc.property(texts, (text) => {
        const store = parse(text);
        expect(store && formatStore(store)).toBe(text);
      }),
    );
  });

  test('is the folder’s path', () => {
    expect(formatStore({ kind: 'directory', directory: '/workspace/x' })).toBe('file:/workspace/x');
  });
});
