import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { describeWithPeer } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { signedIn, stagingHost } from './helper.js';

const run = promisify(execFile);

// The command line alone: no engine is needed to log in.
describeWithPeer({ program: '/usr/bin/docker', install: 'apt-get install docker.io' }, (docker) => {
  test('docker login shows why the helper has no token, and what to do', async () => {
    const { calling, asEve } = await signedIn();
    const login = run(docker, ['login', stagingHost], { env: await calling(asEve) });
    await expect(login).rejects.toMatchObject({
      stderr: expect.stringMatching(
        /:user\/eve is in the account 999999999999, and the environment's account is 146628656107; use /,
      ) as string,
    });
  });
});
