import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory, type Aws as Emulator } from '@teleport-plugins/testing';
import { onTestFinished, vi } from 'vitest';

import { openAws, type Aws, type AwsOptions } from '../aws.js';

export const account = '146628656107';
export const ann = `arn:aws:iam::${account}:user/ann`;
export const admin = `arn:aws:iam::${account}:role/release-engineer-plugin-admin`;
/** Where ann's session of the role acts, when it has the name that `asAdmin` gives it. */
export const adminSession = `arn:aws:sts::${account}:assumed-role/release-engineer-plugin-admin/ann`;
export const asAdmin = { role: { arn: admin, sessionName: 'ann' }, account };

type Named = Readonly<Record<string, string>>;

/** What somebody has who signs in. */
export interface Belongings {
  /** Or what they are for a home folder. */
  readonly variables?: Named | ((home: string) => Named);
  /** `~/.aws/config`. */
  readonly config?: string;
  /** Others, by their paths below the home folder. */
  readonly files?: Named;
}

/**
 * Makes the environment of this process that of somebody with these things and nothing else of AWS's,
 * until the test ends: the SDK reads it itself.
 */
export async function become({ variables = {}, config, files = {} }: Belongings): Promise<void> {
  const home = await temporaryDirectory();
  const all = { ...files, ...(config !== undefined && { '.aws/config': config }) };
  for (const [path, content] of Object.entries(all)) {
    const file = join(home, path);
    await mkdir(join(file, '..'), { recursive: true });
    await writeFile(file, content);
  }
  for (const name of Object.keys(process.env)) {
    if (name.startsWith('AWS_')) vi.stubEnv(name, undefined);
  }
  const named = typeof variables === 'function' ? variables(home) : variables;
  const own = { HOME: home, ...quiet, ...named };
  for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value);
  onTestFinished(() => void vi.unstubAllEnvs());
}

const quiet = {
  AWS_EC2_METADATA_DISABLED: 'true',
  AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
};

/** What the variables hold of somebody with these keys. */
export function keyVariables({
  accessKeyId,
  secretAccessKey,
  sessionToken,
}: ReturnType<Emulator['keysOf']>): Named {
  return {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(sessionToken !== undefined && { AWS_SESSION_TOKEN: sessionToken }),
  };
}

/** AWS as it is opened by whom `become` made of this process. Pauses take no time, and are noted. */
export function opened(
  emulator: Pick<Emulator, 'endpoint'>,
  options: Partial<AwsOptions> = {},
): Aws & { readonly pauses: readonly number[] } {
  const { endpoint } = emulator;
  const pauses: number[] = [];
  const aws = openAws({
    variables: process.env,
    region: 'us-west-2',
    endpoints: { sts: endpoint, ecr: endpoint, ecrPublic: endpoint },
    random: () => 0,
    sleep: (milliseconds) => {
      pauses.push(milliseconds);
      return Promise.resolve();
    },
    ...options,
  });
  onTestFinished(() => aws.close());
  return { ...aws, pauses };
}

/** Who somebody turns out to be. */
export async function whoIs(emulator: Emulator): Promise<string> {
  return (await opened(emulator).session({ account }).identity()).arn;
}
