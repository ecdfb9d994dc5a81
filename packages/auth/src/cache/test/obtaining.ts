/**
 * A process of its own for the tests: gets a token through the cache in a folder, and prints it. Each time
 * that it has to be obtained, a line is added to a file beside the folder. Told to `hang`, it never
 * finishes obtaining.
 */
import { appendFile } from 'node:fs/promises';

import { Secret } from '@teleport-plugins/secrets';

import { tokenCache } from '../token-cache.js';

const [task, folder = ''] = process.argv.slice(2);
const cache = tokenCache({ folder, userId: process.getuid?.(), now: () => new Date() });

const { password } = await cache.get('registry.example, as ann', {
  obtain: async () => {
    await appendFile(`${folder}-calls`, `${process.pid}\n`);
    if (task === 'hang') {
      process.stdout.write('here\n');
      await new Promise(() => setInterval(() => undefined, 60_000));
    }
    return {
      username: 'AWS',
      password: new Secret(`token-of-${process.pid}`),
      expiresAt: new Date(Date.now() + 12 * 60 * 60_000),
    };
  },
  isStale: () => false,
  signal: new AbortController().signal,
});
process.stdout.write(password.reveal());
