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
    test('docker logs in with the passwords that aws gets, and with no others', async () => {
      const aws = await emulatedAws();
      const env = await dockerEnvironment();
      for (const { host, password } of await registriesOf(awsProgram, aws)) {
        await login(host, password, env);
        await expect(login(host, 'wrong', env)).rejects.toThrow(
          /403 Forbidden|Authorization Token is invalid/,
        );
      }
      expect([aws.calls.ecr, aws.calls.ecrPublic]).toEqual([
        ['GetAuthorizationToken'],
        ['GetAuthorizationToken'],
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
      const env = await dockerEnvironment(engine);
      for (const { host, password } of await registriesOf(awsProgram, aws)) {
        const image = `${host}/acme/app:1`;
        await importImage(image, env);
        await expect(run(docker, ['push', image], { env })).rejects.toThrow();
        await login(host, password, env);
        await run(docker, ['push', image], { env });
        await run(docker, ['image', 'rm', image], { env });
        expect((await run(docker, ['pull', image], { env })).stdout).toContain(image);
      }
      // Two blobs from each, by signed addresses of another origin.
      expect(aws.calls.storage).toHaveLength(4);
    });

    test('docker is told that a tag is immutable, and that a repository is not there', async () => {
      const aws = await emulatedAws();
      const env = await dockerEnvironment(engine);
      const [{ host, password }] = await registriesOf(awsProgram, aws);
      await login(host, password, env);
      await importImage(`${host}/acme/app:1`, env);
      await importImage(`${host}/acme/new:1`, env);
      await run(docker, ['push', `${host}/acme/app:1`], { env });
      await expect(run(docker, ['push', `${host}/acme/app:1`], { env })).rejects.toThrow(
        "The image tag '1' already exists in the 'acme/app' repository",
      );
      await expect(run(docker, ['push', `${host}/acme/new:1`], { env })).rejects.toThrow(
        "The repository with name 'acme/new' does not exist in the registry",
      );
    });

    test('docker pulls from the public registry without a login, but not with an old one', async () => {
      const aws = await emulatedAws();
      const env = await dockerEnvironment(engine);
      const [, { host, password }] = await registriesOf(awsProgram, aws);
      const image = `${host}/acme/app:1`;
      await importImage(image, env);
      await login(host, password, env);
      await run(docker, ['push', image], { env });
      aws.expireTokens();
      await expect(run(docker, ['pull', image], { env })).rejects.toThrow(
        'Your authorization token has expired. Reauthenticate and try again.',
      );
      await run(docker, ['logout', host], { env });
      await run(docker, ['pull', image], { env });
    });
  });
});

/** What docker finds of a person who has never logged in. */
async function dockerEnvironment(engine?: DockerEngine): Promise<NodeJS.ProcessEnv> {
  const home = await temporaryDirectory();
  return {
    ...{ PATH: process.env.PATH, HOME: home, DOCKER_CONFIG: home },
    ...(engine && { DOCKER_HOST: engine.address }),
  };
}

/** ECR and ECR Public, with the passwords that people are told to get. */
async function registriesOf(program: string, aws: Aws) {
  return [
    {
      host: aws.privateRegistry(account, region).host,
      password: await passwordOf(program, aws, 'ecr', region),
    },
    {
      host: aws.publicRegistry.host,
      password: await passwordOf(program, aws, 'ecr-public', 'us-east-1'),
    },
  ] as const;
}

async function passwordOf(program: string, aws: Aws, service: string, where: string) {
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
