import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { ProjectConfiguration, TargetConfiguration } from '@nx/devkit';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { createNodes } from './create-nodes.js';

const plugin = {
  name: '@acme/mail',
  version: '1.2.3',
  nx: { name: 'mail' },
  dependencies: { '@acme/kit': '0.0.0', nodemailer: '1.0.0' },
  devDependencies: { '@acme/testing': '0.0.0' },
};
const kit = { name: '@acme/kit', dependencies: { '@acme/secrets': '0.0.0' } };
const config = {
  defaultEnvironment: 'local',
  environments: {
    local: { base: 'host' },
    production: { protected: true, base: '${BASE_IMAGE}', registry: '${REGISTRY}/${BASE_IMAGE}' },
  },
};

describe('a package with a release.json', () => {
  test('gets the targets of an image plugin, each after the one that it needs', async () => {
    const targets = await inferTargets(workspace());
    const chain = Object.entries(targets).map(([name, { dependsOn }]) => [name, dependsOn]);
    expect(Object.fromEntries(chain)).toEqual({
      build: ['^build'],
      'build-image': [{ target: 'build', params: 'forward' }],
      'load-image': [{ target: 'build-image', params: 'forward' }],
      'push-staging': [{ target: 'build-image', params: 'forward' }],
      'pull-staging': [],
      'promote-public': [{ target: 'push-staging', params: 'forward' }],
    });
  });

  test('takes builds from the cache, and nothing that acts on the world', async () => {
    const targets = await inferTargets(workspace());
    const cached = Object.entries(targets).filter(([, { cache }]) => cache === true);
    expect(cached.map(([name, { outputs }]) => [name, outputs])).toEqual([
      ['build', ['{projectRoot}/dist/bundle']],
      ['build-image', ['{projectRoot}/dist/image', '{projectRoot}/dist/image.json']],
    ]);
  });

  test('has a configuration for each environment, in every target that knows environments', async () => {
    const targets = await inferTargets(workspace());
    const { build, ...others } = targets;
    expect(build?.configurations).toBeUndefined();
    for (const target of Object.values(others)) {
      expect(target.configurations).toEqual({
        local: { environment: 'local' },
        production: { environment: 'production' },
      });
      expect(target.defaultConfiguration).toBe('local');
    }
  });

  test('names in every target what it is for and how to learn more', async () => {
    for (const [name, target] of Object.entries(await inferTargets(workspace()))) {
      expect(target.metadata).toEqual({
        technologies: expect.arrayContaining([expect.any(String)]) as unknown,
        description: expect.stringMatching(/^[A-Z]/) as unknown,
        help: {
          command: `npx nx run mail:${name} --help`,
          example: expect.any(Object) as unknown,
        },
      });
    }
  });

  test('hashes what is bundled, the executors, and what those have installed to run', async () => {
    const { build } = await inferTargets(workspace());
    expect(build?.inputs).toEqual([
      'production',
      {
        input: 'production',
        projects: [
          '@acme/kit',
          '@acme/secrets',
          '@teleport-plugins/image',
          '@teleport-plugins/nx-release',
        ],
      },
      { externalDependencies: ['esbuild', 'nodemailer', 'pako'] },
      '{workspaceRoot}/LICENSE*',
      '{workspaceRoot}/LICENCE*',
      '{workspaceRoot}/COPYING*',
      '{workspaceRoot}/NOTICE*',
      { env: 'NX_DRY_RUN' },
      { env: 'NX_SKIP_NX_CACHE' },
      { env: 'NX_DISABLE_NX_CACHE' },
    ]);
  });

  test('hashes the history of what is bundled, and not of what only tests need', async () => {
    const { 'build-image': image } = await inferTargets(workspace());
    expect(image?.inputs).toContainEqual({
      runtime: expect.stringContaining(
        `git log -1 --format=%H -- 'packages/plugins/mail' 'packages/kit' 'packages/secrets' ':(`,
      ) as unknown,
    });
  });

  test('hashes the variables that the bases refer to, and none of a store or a key', async () => {
    const { 'build-image': image } = await inferTargets(workspace());
    const variables = image?.inputs?.filter((input) => typeof input === 'object' && 'env' in input);
    expect(variables).toEqual([
      { env: 'NX_DRY_RUN' },
      { env: 'NX_SKIP_NX_CACHE' },
      { env: 'NX_DISABLE_NX_CACHE' },
      { env: 'RELEASE_BASE_IMAGE' },
      { env: 'SOURCE_DATE_EPOCH' },
      { env: 'BASE_IMAGE' },
    ]);
  });
});

describe('the root of a workspace with a release.config.json', () => {
  test('gets the targets of environments, with a configuration for each', async () => {
    const { '.': root } = await infer(workspace());
    expect(root?.name).toBe('release');
    expect(Object.keys(root?.targets ?? {})).toEqual([
      'serve',
      'whoami',
      'login',
      'logout',
      'tf-verify',
      'tf-repair',
      'tf-resign',
      'tf-yank',
    ]);
    for (const [name, target] of Object.entries(root?.targets ?? {})) {
      expect(target).toMatchObject({
        executor: `@teleport-plugins/nx-release:${name}`,
        cache: false,
        configurations: { local: { environment: 'local' }, production: {} },
        defaultConfiguration: 'local',
        metadata: { help: { command: `npx nx run release:${name} --help` } },
      });
    }
  });

  test('is none without that file', async () => {
    const projects = await infer(workspace({ 'release.config.json': undefined }));
    expect(Object.keys(projects)).toEqual(['packages/plugins/mail']);
  });
});

describe('a Terraform provider', () => {
  const files = {
    'packages/plugins/mail/release.json': JSON.stringify({ kind: 'terraform-provider' }),
  };

  test('gets the targets of providers, each after the one that it needs', async () => {
    const targets = await inferTargets(workspace(files));
    const chain = Object.entries(targets).map(([name, { dependsOn }]) => [name, dependsOn]);
    expect(Object.fromEntries(chain)).toEqual({
      'build-archives': [],
      'push-archives': [{ target: 'build-archives', params: 'forward' }],
      'tf-stage': [{ target: 'push-archives', params: 'forward' }],
      'tf-release': [{ target: 'tf-stage', params: 'forward' }],
    });
  });

  test('takes archives from the cache, and nothing that acts on the world', async () => {
    const targets = Object.entries(await inferTargets(workspace(files)));
    const cached = targets.filter(([, { cache }]) => cache !== false);
    expect(cached.map(([name, { outputs }]) => [name, outputs])).toEqual([
      ['build-archives', ['{projectRoot}/dist/archives']],
    ]);
  });

  test('has a configuration for each environment, in every target', async () => {
    for (const target of Object.values(await inferTargets(workspace(files)))) {
      expect(target.configurations).toEqual({
        local: { environment: 'local' },
        production: { environment: 'production' },
      });
      expect(target.defaultConfiguration).toBe('local');
    }
  });

  test('is packed again when what it declares changes, or what packs it', async () => {
    const { 'build-archives': build } = await inferTargets(workspace(files));
    expect(build?.inputs).toEqual([
      'production',
      {
        input: 'production',
        projects: ['@teleport-plugins/image', '@teleport-plugins/nx-release'],
      },
      { externalDependencies: ['esbuild', 'pako'] },
      '{workspaceRoot}/release.config.json',
      { env: 'NX_DRY_RUN' },
      { env: 'NX_SKIP_NX_CACHE' },
      { env: 'NX_DISABLE_NX_CACHE' },
    ]);
  });
});

describe('what is broken does not break the graph', () => {
  test.each([
    ['a release.json that is no JSON', { 'packages/plugins/mail/release.json': '{ "kind": ' }],
    ['a release.json that says nothing', { 'packages/plugins/mail/release.json': '' }],
    ['a broken package.json of a library', { 'packages/kit/package.json': '{ nope' }],
  ])('%s: the targets are there', async (_what, files) => {
    const targets = await inferTargets(workspace(files));
    expect(Object.keys(targets)).toHaveLength(6);
  });

  test.each([
    ['absent', undefined],
    ['no JSON', '{ "environments": {'],
    ['a list', '[]'],
    ['without environments', '{}'],
    ['with an environment that is null', '{ "environments": { "local": null } }'],
  ])('a release.config.json that is %s: the targets are there', async (_what, text) => {
    const targets = await inferTargets(workspace({ 'release.config.json': text }));
    expect(Object.keys(targets)).toHaveLength(6);
    expect(targets['build-image']?.defaultConfiguration).toBeUndefined();
  });

  test('a release.json without a package.json is no project yet', async () => {
    const projects = await infer(workspace({ 'packages/plugins/new/release.json': '{}' }));
    expect(Object.keys(projects).sort()).toEqual(['.', 'packages/plugins/mail']);
  });
});

type Files = Readonly<Record<string, string | undefined>>;

function workspace(files: Files = {}): Files {
  return {
    'packages/plugins/mail/release.json': '{}',
    'packages/plugins/mail/package.json': JSON.stringify(plugin),
    'packages/kit/package.json': JSON.stringify(kit),
    'packages/secrets/package.json': JSON.stringify({ name: '@acme/secrets' }),
    'packages/testing/package.json': JSON.stringify({ name: '@acme/testing' }),
    'packages/image/package.json': JSON.stringify({
      name: '@teleport-plugins/image',
      dependencies: { pako: '2.0.0' },
    }),
    'tools/nx-release/package.json': JSON.stringify({
      name: '@teleport-plugins/nx-release',
      dependencies: { '@teleport-plugins/image': '0.0.0', esbuild: '1.0.0' },
    }),
    'release.config.json': JSON.stringify(config),
    ...files,
  };
}

async function inferTargets(files: Files): Promise<Readonly<Record<string, TargetConfiguration>>> {
  return (await infer(files))['packages/plugins/mail']?.targets ?? {};
}

async function infer(files: Files) {
  const workspaceRoot = await temporaryDirectory();
  const present = Object.entries(files).filter((entry) => entry[1] !== undefined);
  for (const [path, text] of present) {
    await mkdir(join(workspaceRoot, dirname(path)), { recursive: true });
    await writeFile(join(workspaceRoot, path), String(text));
  }
  const paths = present.map(([path]) => path);
  const context = { nxJsonConfiguration: {}, workspaceRoot };
  const nodes = await createNodes(paths, undefined, context);
  const projects = nodes.flatMap(([, { projects = {} }]) => Object.entries(projects));
  return Object.fromEntries(projects) as Record<string, Partial<ProjectConfiguration>>;
}
