import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { notSources, sourcePathspecs } from './pathspecs.js';

test('the named input `production` of nx.json leaves out the same files', () => {
  const nxJson = readFileSync(new URL('../../../../nx.json', import.meta.url), 'utf8');
  const { namedInputs } = JSON.parse(nxJson) as { namedInputs: { production: readonly string[] } };
  const left = namedInputs.production.filter((input) => input.startsWith('!'));
  const patterns = left.map((input) => input.replace('!{projectRoot}/', '').replace('**/', ''));
  expect(patterns.map((pattern) => pattern.replace('test/**/*', 'test/**')).sort()).toEqual(
    [...notSources].sort(),
  );
});

test('the folders come before what is left out of them', () => {
  expect(sourcePathspecs(['packages/a']).slice(0, 2)).toEqual([
    'packages/a',
    ':(exclude,glob)**/*.md',
  ]);
});
