import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

import { placesOf, setUpHelper, type Registration } from '@teleport-plugins/auth';
import {
  bundledProgram,
  serveAws,
  temporaryDirectory,
  type AwsCredentials,
} from '@teleport-plugins/testing';

const account = '146628656107';
export const ann = `arn:aws:iam::${account}:user/ann`;
const bob = `arn:aws:iam::${account}:user/bob`;
export const admin = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;

/** Registries on this machine, that stand in for Amazon's. Nothing listens there. */
export const stagingHost = '127.0.0.1:5001';
export const publicHost = '127.0.0.1:5002';

const program = await bundledProgram(new URL('../src/main.ts', import.meta.url));

/** Nothing of this machine's counts. */
const nowhere = { AWS_EC2_METADATA_DISABLED: 'true' };

export interface Answer {
  readonly exitCode: number | null;
  readonly output: string;
  /** Its standard error. */
  readonly said: string;
}

/** AWS with somebody, and this user's home, in which both registries are registered. */
export async function signedIn(overrides: Partial<Registration> = {}) {
  const aws = await serveAws({
    users: [{ arn: ann }, { arn: bob }, { arn: 'arn:aws:iam::999999999999:user/eve' }],
    roles: [{ arn: admin, trust: [ann] }],
  });
  const home = await temporaryDirectory();
  const places = placesOf({ variables: {}, homeDirectory: home });
  const { endpoint } = aws;
  const common = {
    environment: 'production',
    account,
    region: 'us-west-2',
    endpoints: { sts: endpoint, ecr: endpoint, ecrPublic: endpoint },
    ...overrides,
  };
  const registry = {
    kind: 'private' as const,
    account,
    region: 'us-west-2',
    partition: 'aws',
    fips: false,
    dualStack: false,
  };
  await setUpHelper(
    { registrations: places.registrations, configs: [join(home, '.docker/config.json')] },
    new Map([
      [stagingHost, { ...common, registry }],
      [publicHost, { ...common, registry: { kind: 'public' as const } }],
    ]),
  );

  return {
    aws,
    home,
    /** Runs the program as somebody. */
    run: (words: string, input = '', variables: Readonly<Record<string, string>> = {}) =>
      run(words, input, { HOME: home, ...variables }),
    asAnn: variablesOf(aws.keysOf(ann)),
    asBob: variablesOf(aws.keysOf(bob)),
    asEve: variablesOf(aws.keysOf('arn:aws:iam::999999999999:user/eve')),
    /** For a program that runs the helper itself, as somebody. */
    calling: async (variables: Readonly<Record<string, string>> = {}) => {
      const programs = join(home, 'bin');
      await mkdir(programs);
      const words = [process.execPath, program].map((word) => `'${word}'`).join(' ');
      const shim = `#!/bin/sh\nexec ${words} "$@"\n`;
      const name = 'docker-credential-teleport-release';
      await writeFile(join(programs, name), shim, { mode: 0o755 });
      const { PATH = '' } = process.env;
      return { HOME: home, ...nowhere, ...variables, PATH: `${programs}:${PATH}` };
    },
    write: async (path: string, content: string) => {
      await mkdir(dirname(join(home, path)), { recursive: true });
      await writeFile(join(home, path), content);
    },
    /** The text of the one token that is cached, changed. */
    changeCached: async (change: (token: Record<string, unknown>) => object) => {
      const [name = ''] = await readdir(places.cache);
      const file = join(places.cache, name);
      const token = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
      await writeFile(file, JSON.stringify(change(token)));
    },
  };
}

async function run(
  words: string,
  input: string,
  variables: Readonly<Record<string, string>>,
): Promise<Answer> {
  const args = words.split(' ').filter((word) => word !== '');
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH, ...nowhere, ...variables },
    stdio: 'pipe',
  });
  child.stdin.on('error', () => undefined).end(input);
  const [output, said, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { exitCode, output, said };
}

function variablesOf({ accessKeyId, secretAccessKey }: AwsCredentials) {
  return { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey };
}
