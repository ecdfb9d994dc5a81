import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { callerDigest } from './caller.js';

async function home(files: Readonly<Record<string, string>> = {}): Promise<string> {
  const folder = await temporaryDirectory();
  await mkdir(join(folder, '.aws'));
  for (const [name, text] of Object.entries(files)) {
    await writeFile(join(folder, '.aws', name), text);
  }
  return folder;
}

test('The same surroundings are the same caller, whatever else is in them', async () => {
  const homeDirectory = await home({ config: '[default]' });
  const once = await callerDigest({ homeDirectory, variables: { AWS_PROFILE: 'a', PATH: '/x' } });
  const variables = {
    ...{ AWS_REGION: 'x', AWS_CLI_AUTO_PROMPT: 'x', AWS_CA_BUNDLE: 'x' },
    // Where a provider's archives are: nobody gets credentials from a bucket.
    ...{ AWS_S3_BUCKET: 'x', AWS_S3_ADDRESSING_STYLE: 'x', AWS_ENDPOINT_URL_S3: 'x' },
  };
  expect(await callerDigest({ homeDirectory, variables: { ...variables, AWS_PROFILE: 'a' } })).toBe(
    once,
  );
  expect(once).toMatch(/^[0-9a-f]{64}$/);
});

test('Another profile, key, role, session, file or setting is another caller', async () => {
  const homeDirectory = await home();
  const elsewhere = join(homeDirectory, 'elsewhere');
  await writeFile(elsewhere, '[profile b]');
  const all = [
    {},
    { AWS_PROFILE: 'a' },
    { AWS_PROFILE: 'b' },
    { AWS_ACCESS_KEY_ID: 'a' },
    { AWS_ACCESS_KEY_ID: 'a', AWS_SESSION_TOKEN: 'b' },
    { AWS_ROLE_ARN: 'a' },
    { AWS_WEB_IDENTITY_TOKEN_FILE: 'a' },
    { AWS_CONTAINER_CREDENTIALS_FULL_URI: 'a' },
    { AWS_CONFIG_FILE: elsewhere },
    { AWS_SHARED_CREDENTIALS_FILE: elsewhere },
  ];
  const digests = await Promise.all(
    all.map((variables) => callerDigest({ homeDirectory, variables })),
  );
  const homes = [{ config: '[x]' }, { credentials: '[x]' }, { config: '[y]' }];
  for (const files of homes) {
    digests.push(await callerDigest({ homeDirectory: await home(files), variables: {} }));
  }
  expect(new Set(digests).size).toBe(all.length + homes.length);
});

test('The digest of a secret does not hold it', async () => {
  const variables = { AWS_SECRET_ACCESS_KEY: 'opensesame' };
  const digest = await callerDigest({ homeDirectory: await home(), variables });
  expect(digest).not.toContain('opensesame');
});
