import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ExecutorContext } from '@nx/devkit';
import { serveAws, temporaryDirectory, type AwsOptions } from '@teleport-plugins/testing';
import { onTestFinished, vi } from 'vitest';

import login from '../executors/login/executor.js';
import type { LoginOptions } from '../executors/login/plan.js';
import logout from '../executors/logout/executor.js';
import { testHost } from './host.js';

export const account = '146628656107';
export const ann = `arn:aws:iam::${account}:user/ann`;
export const admin = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;
export const stagingHost = `${account}.dkr.ecr.us-west-2.amazonaws.com`;
export const publicHost = 'public.ecr.aws';

const aws = {
  account,
  roles: { write: admin },
  session: { durationSeconds: 1800, tags: { project: 'plugins' } },
};

interface HelperRun {
  readonly code: number;
  readonly output: string;
  /** Its standard error. */
  readonly said: string;
}

/** A workspace with the environment `production` in Amazon ECR, AWS, and the home of somebody in both. */
export async function signingIn(options: AwsOptions = {}) {
  const emulator = await serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: admin, trust: [ann], maxSessionDuration: 3600 }],
    ...options,
  });
  const root = await temporaryDirectory();
  const home = await temporaryDirectory();
  const { accessKeyId, secretAccessKey } = emulator.keysOf(ann);
  const nothing = {
    AWS_SESSION_TOKEN: '',
    AWS_PROFILE: '',
    AWS_CONFIG_FILE: join(home, '.aws/config'),
    AWS_SHARED_CREDENTIALS_FILE: join(home, '.aws/credentials'),
  };
  const keys = { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
  const embedded = (port: number) => ({ embedded: `.release/${port}`, port, namespace: 'acme' });
  const config = {
    source: 'https://github.com/acme/plugins',
    defaultEnvironment: 'local',
    environments: {
      local: { registries: { staging: embedded(5001), public: embedded(5002) }, base: 'host' },
      production: {
        protected: true,
        registries: { staging: `${stagingHost}/acme`, public: `${publicHost}/acme` },
        base: 'host',
        aws,
      },
      quay: {
        registries: { staging: 'quay.io/acme', public: `${publicHost}/acme` },
        base: 'host',
        aws,
      },
    },
  };
  await writeFile(join(root, 'release.config.json'), JSON.stringify(config));

  // The SDK looks into the environment of the process itself, where nothing of this machine's may count.
  onTestFinished(() => void vi.unstubAllEnvs());
  const run = async (
    executor: typeof login,
    options: LoginOptions,
    env: Readonly<Record<string, string>> = {},
  ) => {
    const variables = { ...nothing, ...keys, AWS_ENDPOINT_URL: emulator.endpoint, ...env };
    for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
    // Tokens are of this machine's time.
    const host = testHost({ homeDirectory: home, env: variables, now: () => new Date() });
    const context = { root, cwd: root, isVerbose: false } as ExecutorContext;
    const { success } = await executor({ environment: 'production', ...options }, context, host);
    return { success, printed: host.printed.join('\n'), errors: host.errors.join('\n') };
  };
  const environment = {
    HOME: home,
    ...nothing,
    PATH: `${home}/.local/bin:${process.env.PATH ?? ''}`,
    ...keys,
  };

  return {
    aws: emulator,
    home,
    environment,
    login: (options: LoginOptions = {}, env: Readonly<Record<string, string>> = {}) =>
      run(login, options, env),
    logout: (options: LoginOptions = {}, env: Readonly<Record<string, string>> = {}) =>
      run(logout, options, env),
    read: (path: string) => readFile(join(home, path), 'utf8'),
    write: async (path: string, text: string) => {
      await mkdir(dirname(join(home, path)), { recursive: true });
      await writeFile(join(home, path), text);
    },
    /** Asks the installed helper, as docker does. */
    askHelper: (action: string, input: string, variables: Readonly<Record<string, string>> = {}) =>
      new Promise<HelperRun>((resolve) => {
        const helper = 'docker-credential-teleport-release';
        const child = execFile(
          helper,
          [action],
          { env: { ...environment, ...variables } },
          (error, output, said) => {
            resolve({ code: Number(error?.code ?? 0), output, said });
          },
        );
        // It may answer without reading.
        child.stdin?.on('error', () => undefined).end(input);
      }),
  };
}
