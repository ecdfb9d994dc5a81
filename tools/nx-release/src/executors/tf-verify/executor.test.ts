import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { directoryStore } from '@teleport-plugins/object-store';
import { serveTerraformRegistry } from '@teleport-plugins/terraform-registry';
import { describe, expect, onTestFinished, test } from 'vitest';

import { amazonBuckets } from '../../test/amazon-buckets.js';
import {
  project,
  provider,
  providerWorkspace,
  releaseTag,
  zipNames,
  type ProviderWorkspace,
} from '../../test/provider-workspace.js';
import { serveTunnels } from '../../test/tunnels.js';
import { treeOf } from '../../test/tree.js';

const staging = '.release/terraform/staging';

async function staged(): Promise<ProviderWorkspace> {
  const workspace = await providerWorkspace();
  await workspace.release('tf-stage');
  return workspace;
}

async function damageZip({ root }: ProviderWorkspace): Promise<void> {
  await writeFile(join(root, staging, zipNames[0] ?? ''), 'damaged');
}

test('finds nothing in registries that are as they were published, and writes nothing', async () => {
  const workspace = await providerWorkspace();
  await workspace.release('tf-release');
  const before = await treeOf(workspace.root);
  const { success, printed } = await workspace.run('tf-verify');
  expect(success).toBe(true);
  expect(printed).toMatch(
    /^local Terraform staging: file:.*\n {2}fine {2}clients refuse nothing$/m,
  );
  expect(printed).toMatch(/^local Terraform production: file:/m);
  expect(printed).toContain('✔ Terraform and OpenTofu would refuse nothing');
  expect(await treeOf(workspace.root)).toEqual(before);
});

test('tells what clients would refuse, and fails', async () => {
  const workspace = await staged();
  await damageZip(workspace);
  const options = { registry: 'staging' };
  const { success, printed, errors } = await workspace.run('tf-verify', { options });
  expect(success).toBe(false);
  expect(printed).toMatch(new RegExp(`error {2}${zipNames[0] ?? ''}: `));
  expect(errors).toMatch(
    /clients would refuse th.*; restore it with tf-repair --zips-from, from the other registry, the archives of the tag, or a folder$/,
  );
  await writeFile(join(workspace.root, staging, 'registry/acme/acme/versions'), '{}');
  expect((await workspace.run('tf-verify', { options })).errors).toMatch(
    /^✘ clients would refuse this; `npx nx run release:tf-repair:local --registry staging --dry-run` shows what can be repaired from the records of the registry$/,
  );
  await workspace.run('tf-repair', { options });
  const quick = { options: { ...options, zips: false } };
  expect((await workspace.run('tf-verify', quick)).success).toBe(true);
});

test('a registry in which nothing is yet is not one that clients can use', async () => {
  const workspace = await providerWorkspace();
  const { success, printed } = await workspace.run('tf-verify', {
    options: { registry: 'production' },
  });
  expect(success).toBe(false);
  expect(printed).toContain('.well-known/terraform.json: is not there');
});

test('warns of a registry of the tool before, once of each thing, and does not fail for it', async () => {
  const workspace = await staged();
  // As it had them: addresses with the host in them, and no packages.
  const folder = `${staging}/registry/acme/acme/1.2.3/download`;
  for (const platform of ['darwin/arm64', 'linux/amd64']) {
    const path = `${folder}/${platform}`;
    const { packages, ...document } = (await workspace.read(path)) as Record<string, string>;
    expect(packages).toBeDefined();
    const absolute = (name: string) => ({
      [name]: new URL(
        document[name] ?? '',
        `https://tf-staging.example.com/${path.slice(staging.length + 1)}`,
      ).href,
    });
    await workspace.write(path, {
      ...document,
      ...absolute('download_url'),
      ...absolute('shasums_url'),
      ...absolute('shasums_signature_url'),
    });
  }
  const { success, printed } = await workspace.run('tf-verify', {
    options: { registry: 'staging' },
  });
  expect(printed).toMatch(
    /^ {2}warning {2}registry\/acme\/acme\/1\.2\.3\/download\/\S+ and 1 more: has no packages/m,
  );
  expect(printed).not.toContain('error');
  expect(success).toBe(true);
});

test('looks at one version, and says when it is not listed', async () => {
  const workspace = await staged();
  const of = (tag: string) =>
    workspace.run('tf-verify', { options: { registry: 'staging', tag }, env: {} });
  expect((await of(releaseTag)).success).toBe(true);
  expect((await of('terraform-provider-acme-v1.2.4')).printed).toContain(
    'does not list version 1.2.4',
  );
});

describe('what is served at a URL', () => {
  test('is checked as clients get it', async () => {
    const workspace = await staged();
    const server = await serveTerraformRegistry(directoryStore(join(workspace.root, staging)));
    onTestFinished(() => server.close());
    const options = { url: server.url };
    const { printed } = await workspace.run('tf-verify', { options });
    expect(printed).toContain(`Terraform registry: ${server.url}`);
    expect(printed).toContain('fine');
    await rm(join(workspace.root, staging, zipNames[0] ?? ''));
    expect((await workspace.run('tf-verify', { options })).success).toBe(false);
  });

  test('is called as the environment calls the one of its host', async () => {
    const workspace = await staged();
    const server = await serveTerraformRegistry(directoryStore(join(workspace.root, staging)));
    onTestFinished(() => server.close());
    const store = (name: string) => `file:.release/terraform/${name}`;
    const signingKeys = ['throwaway'];
    await workspace.configure({
      local: {
        terraform: {
          staging: { host: '127.0.0.1', store: store('staging'), signingKeys },
          production: { host: 'tf.example.com', store: store('production'), signingKeys },
        },
      },
      production: {},
    });
    const { printed } = await workspace.run('tf-verify', { options: { url: server.url } });
    expect(printed).toContain(`local Terraform staging: ${server.url}`);
  });

  test.each([
    [{ url: 'registry.example' }, '--url: expected the root of a host'],
    [{ registry: 'staging', url: 'ftp://a.b/' }, '--url: expected the root of a host'],
    [{ registry: 'staging', url: 'https://a.b/registry/' }, '--url: expected the root of a host'],
  ])('is refused as %j', async (options, message) => {
    const workspace = await providerWorkspace();
    const { success, errors } = await workspace.run('tf-verify', { options });
    expect(success).toBe(false);
    expect(errors).toContain(message);
  });
});

describe('what is served at the hosts of the environment', () => {
  test('is asked over HTTPS, through the proxy that the environment names', async () => {
    const workspace = await staged();
    const { url, asked } = await serveTunnels();
    const options = { environment: 'production', live: true, registry: 'staging' };
    const env = { HTTPS_PROXY: url };
    const { success, printed } = await workspace.run('tf-verify', { options, env });
    expect(success).toBe(false);
    expect(new Set(asked)).toEqual(new Set(['tf-staging.example.com:443']));
    expect(printed).toContain('production Terraform staging: https://tf-staging.example.com');
    expect(printed).toMatch(
      /terraform\.json: https:\/\/tf-staging\.example\.com\/\.well-known\/terraform\.json: cannot be reached: the proxy answered with 502$/m,
    );
    expect(
      (await workspace.run('tf-verify', { options: { ...options, registry: undefined }, env }))
        .success,
    ).toBe(false);
    expect(new Set(asked)).toEqual(new Set(['tf-staging.example.com:443', 'tf.example.com:443']));
  });
});

test('reads a bucket with credentials that could not write', async () => {
  const { workspace, s3, env } = await amazonBuckets();
  const { printed } = await workspace.run('tf-verify', {
    options: { environment: 'production', registry: 'staging' },
    env,
  });
  expect(printed).toContain('production Terraform staging: s3://tf-staging');
  expect(new Set(s3.operations())).toEqual(new Set(['GetObject']));
});

describe('the provider', () => {
  test('is the only one, or the one that is named', async () => {
    const workspace = await staged();
    await workspace.write('packages/other/package.json', { name: '@acme/other', version: '1.0.0' });
    await workspace.write('packages/other/release.json', {
      ...((await workspace.read(`${provider}/release.json`)) as object),
      releaseTagPrefix: 'terraform-provider-other',
      provider: {
        ...((await workspace.read(`${provider}/release.json`)) as { provider: object }).provider,
        type: 'other',
      },
    });
    const { errors } = await workspace.run('tf-verify', { options: { registry: 'staging' } });
    expect(errors).toBe(
      `✘ say which provider with --provider: there are ${project}, other in this workspace`,
    );
    const options = { registry: 'staging', provider: project };
    expect((await workspace.run('tf-verify', { options })).success).toBe(true);
  });
});
