import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import {
  describeWithPeer,
  startDockerEngine,
  temporaryDirectory,
  type Aws,
  type DockerEngine,
} from '@teleport-plugins/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { account, ann, emulatedAws, region } from './emulated.js';

const run = promisify(execFile);
const docker = '/usr/bin/docker';

describeWithPeer({ program: 'aws', install: 'apt-get install awscli' }, (awsProgram) => {
  describeWithPeer({ program: docker, install: 'apt-get install docker.io' }, () => {
    test('docker logs in with the passwords that aws gets', async () => {
      const aws = await emulatedAws();
      const config = await temporaryDirectory();
      const env = { PATH: process.env.PATH, HOME: config, DOCKER_CONFIG: config };
      const both = [
        [aws.privateRegistry(account, region).host, await password(awsProgram, aws, 'ecr', region)],
        [aws.publicRegistry.host, await password(awsProgram, aws, 'ecr-public', 'us-east-1')],
      ] as const;
      for (const [host, secret] of both) {
        await login(host, secret, env);
        await expect(login(host, 'wrong', env)).rejects.toThrow(
          /403 Forbidden|Authorization Token is invalid/,
        );
      }
      expect([...aws.calls.ecr, ...aws.calls.ecrPublic]).toEqual([
        'GetAuthorizationToken',
        'GetAuthorizationToken',
      ]);
    });
  });

  describeWithPeer({ program: 'dockerd', install: 'apt-get install docker.io' }, (dockerd) => {
    let engine: DockerEngine;
    beforeAll(async () => {
      engine = await startDockerEngine(dockerd);
    });
    afterAll(() => engine.stop());

    test('docker pushes to and pulls from both registries', async () => {
      const aws = await emulatedAws();
      const config = await temporaryDirectory();
      const env = {
        ...{ PATH: process.env.PATH, HOME: config, DOCKER_CONFIG: config },
        DOCKER_HOST: engine.address,
      };
      const both = [
        [aws.privateRegistry(account, region).host, await password(awsProgram, aws, 'ecr', region)],
        [aws.publicRegistry.host, await password(awsProgram, aws, 'ecr-public', 'us-east-1')],
      ] as const;
      for (const [host, secret] of both) {
        const image = `${host}/acme/app:1`;
        await importImage(image, env);
        await expect(run(docker, ['push', image], { env })).rejects.toThrow();
        await login(host, secret, env);
        await run(docker, ['push', image], { env });
        await run(docker, ['image', 'rm', image], { env });
        expect((await run(docker, ['pull', image], { env })).stdout).toContain(image);
      }
      // Two blobs from each, by a signed address of another origin.
      expect(aws.calls.storage).toHaveLength(4);
    });
  });
});

/** As people are told to do it. */
async function password(program: string, aws: Aws, service: string, where: string) {
  const { accessKeyId, secretAccessKey } = aws.keysOf(ann);
  const env = {
    ...{ PATH: process.env.PATH, HOME: await temporaryDirectory() },
    ...{ AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey },
    ...{ AWS_REGION: where, AWS_DEFAULT_REGION: where, AWS_EC2_METADATA_DISABLED: 'true' },
  };
  const words = [service, 'get-login-password', '--endpoint-url', aws.endpoint];
  return (await run(program, words, { env })).stdout.trim();
}

async function login(host: string, secret: string, env: NodeJS.ProcessEnv): Promise<void> {
  const words = ['login', '--username', 'AWS', '--password-stdin', host];
  const running = run(docker, words, { env });
  running.child.stdin?.end(secret);
  await running;
}

/** An image of one file. */
async function importImage(name: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'file'), name);
  const archive = join(await temporaryDirectory(), 'image.tar');
  await run('tar', ['-cf', archive, '-C', folder, 'file']);
  await run(docker, ['import', archive, name], { env });
}
