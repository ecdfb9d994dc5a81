import { serveRegistry } from '@teleport-plugins/registry';
import {
  serveAws,
  temporaryDirectory,
  type Aws,
  type AwsOptions,
  type PolicyDocument,
  type PrivateRegistryOptions,
  type PublicRegistryOptions,
} from '@teleport-plugins/testing';
import { onTestFinished } from 'vitest';

export const account = '146628656107';
export const region = 'us-west-2';
export const ann = `arn:aws:iam::${account}:user/ann`;

export const role = `arn:aws:iam::${account}:role/release`;

/** A policy that allows these actions on these resources. */
export function allowing(actions: readonly string[], resources: readonly string[]): PolicyDocument {
  const statement = { Effect: 'Allow', Action: actions, Resource: resources } as const;
  return { Version: '2012-10-17', Statement: [statement] };
}

export interface EmulatedOptions extends AwsOptions {
  readonly staging?: Partial<PrivateRegistryOptions>;
  readonly public?: Partial<PublicRegistryOptions>;
}

/**
 * An AWS with the user ann, a role, a private registry with the repository `acme/app` and a public one with
 * `acme/app`, until the test ends.
 */
export async function emulatedAws(options: EmulatedOptions = {}): Promise<Aws> {
  const [privateImages, publicImages] = [await imagesServed(), await imagesServed()];
  return serveAws({
    users: [{ arn: ann }],
    roles: [{ arn: role, trust: [ann] }],
    privateRegistries: [
      {
        ...{ account, region, upstream: privateImages, repositories: [{ name: 'acme/app' }] },
        ...options.staging,
      },
    ],
    publicRegistry: {
      upstream: publicImages,
      registries: [{ account, alias: 'acme', repositories: ['app'] }],
      ...options.public,
    },
    ...options,
  });
}

async function imagesServed(): Promise<string> {
  const server = await serveRegistry(await temporaryDirectory());
  onTestFinished(() => server.close());
  return server.host;
}
