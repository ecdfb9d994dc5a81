import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { dockerCredentials } from './credentials.js';
import { auth, configured, homeWith, plain } from './test/configured.js';
import { answering, credential, notFound } from './test/helpers.js';

test('a helper is asked again, at once, when what it gave has been refused', async () => {
  const { runHelper, asked } = answering(credential('AWS', '1'), credential('AWS', '2'));
  const credentials = await configured({ credsStore: 'x' }, { runHelper });
  const refused = await credentials('quay.io');
  expect(plain(await credentials('quay.io', { refused }))).toBe('AWS:2');
  expect(plain(await credentials('quay.io'))).toBe('AWS:2');
  expect(asked).toHaveLength(2);
});

test('it is asked once, however many have been refused the same', async () => {
  const { runHelper, asked } = answering(credential('AWS', '1'), credential('AWS', '2'));
  const credentials = await configured({ credHelpers: { 'quay.io': 'x' } }, { runHelper });
  const refused = await credentials('quay.io');
  const many = [credentials, credentials.forRepository('a/b'), credentials];
  const again = await Promise.all(many.map((provider) => provider('quay.io', { refused })));
  expect(again.map(plain)).toEqual(['AWS:2', 'AWS:2', 'AWS:2']);
  // Late, with what is not handed out any more.
  expect(plain(await credentials('quay.io', { refused }))).toBe('AWS:2');
  expect(asked).toHaveLength(2);
});

test('what it has no better for is given again', async () => {
  const { runHelper, asked } = answering(credential('AWS', '1'));
  const credentials = await configured({ credsStore: 'x' }, { runHelper });
  const refused = await credentials('quay.io');
  expect(plain(await credentials('quay.io', { refused }))).toBe('AWS:1');
  expect(asked).toHaveLength(2);
});

test('what it has no longer is not given again', async () => {
  const { runHelper } = answering(credential('AWS', '1'), notFound);
  const credentials = await configured({ credsStore: 'x' }, { runHelper });
  const refused = await credentials('quay.io');
  expect(await credentials('quay.io', { refused })).toBeUndefined();
});

test('a file is read again when what it gave has been refused: somebody may have logged in', async () => {
  const homeDirectory = await homeWith({
    'auth.json': { auths: { 'quay.io': auth('ann', 'old') } },
  });
  const file = join(homeDirectory, 'auth.json');
  const credentials = dockerCredentials({ variables: { REGISTRY_AUTH_FILE: file }, homeDirectory });
  const refused = await credentials('quay.io');
  expect(plain(await credentials('quay.io', { refused }))).toBe('ann:old');

  await writeFile(file, JSON.stringify({ auths: { 'quay.io': auth('ann', 'new') } }));
  expect(plain(await credentials('quay.io'))).toBe('ann:old');
  const still = await credentials('quay.io');
  expect(plain(await credentials('quay.io', { refused: still }))).toBe('ann:new');
  expect(plain(await credentials('quay.io', { refused: still }))).toBe('ann:new');
});
