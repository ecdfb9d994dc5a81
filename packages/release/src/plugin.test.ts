import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { ReleaseError } from './error.js';
import { loadPlugin } from './plugin.js';
import { refuseClashes } from './plugin/clashes.js';
import { validManifest, validPackage, validProvider } from './test/documents.js';
import { failureOf, refusalOf } from './test/failure-of.js';
import { imagePlugin, providerPlugin, readPlugin } from './test/plugins.js';

const root = 'packages/plugins/email';
const read = (manifest: unknown) => imagePlugin(root, manifest);

const withImage = (changes: object) => ({
  ...validManifest,
  image: { ...validManifest.image, ...changes },
});

test('a plugin is its release.json and the version of its package.json', () => {
  expect(read(validManifest)).toEqual({
    kind: 'image',
    root,
    version: '9.3.7',
    releaseTagPrefix: 'teleport-email',
    image: {
      repository: 'teleport-plugin-email',
      title: 'Access requests by e-mail',
      description: 'Notifies people of access requests by e-mail',
      platforms: [
        { os: 'linux', architecture: 'amd64' },
        { os: 'linux', architecture: 'arm64' },
      ],
      floatingTags: ['major', 'minor', 'latest'],
      user: '65532:65532',
      exposedPorts: [8080],
      arguments: ['--config', '/etc/teleport-plugin-email.toml'],
      catalog: { about: '# E-mail\n\nNotifies people.', usage: 'docker run …' },
    },
  });
});

test('floating tags, ports, arguments and texts of the catalog may be left out', () => {
  const { repository, title, description, platforms, user } = validManifest.image;
  const manifest = { ...validManifest, image: { repository, title, description, platforms, user } };
  expect(read(manifest).image).toMatchObject({
    floatingTags: [],
    exposedPorts: [],
    arguments: [],
    catalog: {},
  });
});

test('a wrong value is told with its file, line, column, key and what was expected', () => {
  const text = `{
  "kind": "image",
  "releaseTagPrefix": "teleport-email",
  "image": {
    "repository": "teleport-plugin-email",
    "title": "E-mail", "description": "Notifies people", "platforms": ["linux/amd64"],
    "floatingTags": ["major", "minr"],
    "user": "65532:65532"
  }
}`;
  expect(refusalOf(() => read(text))).toEqual([
    'plugin-invalid',
    `${root}/release.json:7:31: image.floatingTags[1]: expected one of "major", "minor" or "latest", found "minr" (did you mean "minor"?)`,
  ]);
});

test('all problems are told at once, in the order of the file', () => {
  const text = `{
  "kind": "image",
  "releaseTagPrefix": "Teleport",
  "image": {
    "reposittory": "x",
    "title": "", "title": 7,
    "description": null,
    "platforms": ["linux/x86_64", "linux"],
    "exposedPorts": [0, 65536, 80.5, "80"],
    "user": "root",
    "arguments": "--config",
    "odd key": 1
  }
}`;
  const [code, message] = refusalOf(() => read(text)) ?? [];
  expect(code).toBe('plugin-invalid');
  const at = (rest: string) => `${root}/release.json:${rest}`;
  expect(message?.split('\n')).toEqual([
    at(
      '3:23: releaseTagPrefix: expected lower-case words joined by "-", such as "teleport-email", found "Teleport"',
    ),
    at(
      '4:12: image.repository: missing; expected the name of a repository such as "teleport-plugin-email"',
    ),
    at('5:5: image.reposittory: unknown key (did you mean "repository"?)'),
    at('6:14: image.title: expected a title on one line, found ""'),
    at('6:18: image.title: is written twice'),
    at(
      '7:20: image.description: expected a description on one line of at most 1024 characters, found null',
    ),
    at(
      '8:19: image.platforms[0]: "linux/x86_64" is not a platform: the architecture is called "amd64" in images',
    ),
    at(
      '8:35: image.platforms[1]: "linux" is not a platform: expected os/architecture[/variant], such as "linux/amd64"',
    ),
    at('9:22: image.exposedPorts[0]: expected a port between 1 and 65535, found 0'),
    at('9:25: image.exposedPorts[1]: expected a port between 1 and 65535, found 65536'),
    at('9:32: image.exposedPorts[2]: expected a port between 1 and 65535, found 80.5'),
    at('9:38: image.exposedPorts[3]: expected a port between 1 and 65535, found "80"'),
    at(
      '10:13: image.user: expected a numeric user and group other than root, such as "65532:65532", found "root"',
    ),
    at('11:18: image.arguments: expected an array of strings, found "--config"'),
    at(
      '12:5: image["odd key"]: unknown key; known are repository, title, description, platforms, floatingTags, user, exposedPorts, arguments and catalog',
    ),
  ]);
});

test.each([
  [[], '1:1: expected what is released: { "kind", "releaseTagPrefix", … }, found an empty array'],
  [7, '1:1: expected what is released: { "kind", "releaseTagPrefix", … }, found 7'],
  [{ image: {} }, '1:1: kind: missing; expected one of "image" or "terraform-provider"'],
  [
    { kind: 'terraform', provider: {} },
    '2:11: kind: expected one of "image" or "terraform-provider", found "terraform" (did you mean "terraform-provider"?)',
  ],
  ['{"kind":"image","kind":"terraform-provider"}', '1:17: kind: is written twice'],
])('a document that is %j is refused', (json, message) => {
  expect(refusalOf(() => read(json))?.[1].split('\n')).toContain(`${root}/release.json:${message}`);
});

test.each([
  [
    { platforms: [] },
    'image.platforms: expected an array of platforms such as "linux/amd64", found an empty array',
  ],
  [{ platforms: ['linux/arm64', 'linux/arm64/v8'] }, 'image.platforms[1]: repeats [0]'],
  [{ floatingTags: ['major', 'latest', 'major'] }, 'image.floatingTags[2]: repeats [0]'],
  [{ exposedPorts: [80, 80] }, 'image.exposedPorts[1]: repeats [0]'],
  [{ user: '0:0' }, 'image.user: expected a numeric user and group other than root'],
  [{ user: '65532' }, 'image.user: expected a numeric user and group other than root'],
  [{ title: 'two\nlines' }, 'image.title: expected a title on one line, found "two\\nlines"'],
  [{ arguments: ['a\0'] }, 'image.arguments[0]: expected a string without NUL'],
  [
    { description: 'x'.repeat(1025) },
    'image.description: expected a description on one line of at',
  ],
  [
    { catalog: { about: '' } },
    'image.catalog.about: expected Markdown of at most 25600 characters',
  ],
  [{ catalog: { about: 'a\rb' } }, 'image.catalog.about: expected Markdown of at most'],
  [{ catalog: { usage: 'x'.repeat(25_601) } }, 'image.catalog.usage: expected Markdown of at most'],
  [{ catalog: { abuot: 'x' } }, 'image.catalog.abuot: unknown key (did you mean "about"?)'],
  [{ catalog: 'x' }, 'image.catalog: expected texts of a catalog: { "about", "usage" }, found "x"'],
  [{ repository: 'Email' }, 'image.repository: expected the name of a repository'],
  [{ repository: 'email:latest' }, 'image.repository: expected the name of a repository'],
])('an image with %j is refused', (changes, message) => {
  expect(refusalOf(() => read(withImage(changes)))?.[1]).toContain(message);
});

test('the texts of the catalog may be as long as ECR Public accepts, on lines', () => {
  const about = `a\n\t${'é'.repeat(25_597)}`;
  expect(read(withImage({ catalog: { about } })).image.catalog).toEqual({ about });
  const description = '𝒳'.repeat(1024);
  expect(read(withImage({ description })).image.description).toBe(description);
});

test('an argument may be there twice', () => {
  expect(read(withImage({ arguments: ['-v', '-v'] })).image.arguments).toEqual(['-v', '-v']);
});

test('more problems than anybody reads are counted', () => {
  const exposedPorts = Array.from({ length: 30 }, () => 0);
  const { message } = failureOf(() => read(withImage({ exposedPorts }))) ?? {};
  expect(message?.split('\n')).toHaveLength(21);
  expect(message).toMatch(/\n… and 10 more$/);
});

test.each([
  [{}, '1:1: version: missing; expected a semantic version'],
  [{ version: 'v9.3.7' }, '2:14: version: expected a semantic version'],
  [{ version: 9 }, '2:14: version: expected a semantic version'],
  ['{"version":"1.0.0","version":"2.0.0"}', '1:20: version: is written twice'],
])('a package.json of %j is refused', (json, message) => {
  expect(refusalOf(() => readPlugin(root, validManifest, json))).toEqual([
    'plugin-invalid',
    expect.stringContaining(`${root}/package.json:${message}`),
  ]);
});

test('a provider is its release.json and the version of its package.json', () => {
  expect(readPlugin('p', validProvider)).toEqual({
    kind: 'terraform-provider',
    root: 'p',
    version: '9.3.7',
    releaseTagPrefix: 'terraform-provider-teleport',
    provider: {
      namespace: 'gravitational',
      type: 'teleport',
      title: 'Teleport provider',
      description: 'Manages resources of Teleport',
      protocols: ['6.0'],
      platforms: [
        { os: 'linux', arch: 'amd64' },
        { os: 'linux', arch: 'arm64' },
        { os: 'darwin', arch: 'arm64' },
        { os: 'windows', arch: '386' },
        { os: 'freebsd', arch: 'arm' },
      ],
    },
  });
});

describe('a provider', () => {
  const provider = (changes: object) => ({
    ...validProvider,
    provider: { ...validProvider.provider, ...changes },
  });

  test.each([
    [{ type: 'terraform-teleport' }, 'provider.type: expected the type of a provider such as'],
    [{ type: 'Teleport' }, 'provider.type: expected the type of a provider such as "teleport"'],
    [{ namespace: 'a/b' }, 'provider.namespace: expected a namespace of providers such as'],
    [{ protocols: [] }, 'provider.protocols: expected an array of protocols such as "6.0"'],
    [{ protocols: ['v6'] }, 'provider.protocols[0]: expected a protocol of Terraform such as'],
    [{ protocols: ['6.0', '6.0'] }, 'provider.protocols[1]: repeats [0]'],
    [{ platforms: [] }, 'provider.platforms: expected an array of platforms such as'],
    [{ platforms: ['linux/amd64'] }, 'provider.platforms[0]: expected a platform of Terraform'],
    [{ platforms: ['linux_amd64_v2'] }, 'provider.platforms[0]: expected a platform of Terraform'],
    [{ platforms: ['linux_amd64', 'linux_amd64'] }, 'provider.platforms[1]: repeats [0]'],
    [{ title: '' }, 'provider.title: expected a title on one line'],
    [{ user: '1:1' }, 'provider.user: unknown key'],
  ])('with %j is refused', (changes, message) => {
    expect(refusalOf(() => readPlugin('p', provider(changes)))?.[1]).toContain(message);
  });

  test('has the release tags that its archives are found by', () => {
    expect(refusalOf(() => readPlugin('p', provider({ type: 'other' })))?.[1]).toBe(
      'p/release.json:3:23: releaseTagPrefix: expected "terraform-provider-other", because of the provider\'s type, found "terraform-provider-teleport"',
    );
  });

  test('is no image as well', () => {
    const both = { ...validProvider, image: validManifest.image };
    expect(refusalOf(() => readPlugin('p', both))?.[1]).toContain('image: unknown key');
  });
});

describe('plugins that would release into one place', () => {
  const email = read(validManifest);
  const other = { ...email, root: 'packages/plugins/other' };

  test('are refused when they share a repository', () => {
    const clash = { ...other, releaseTagPrefix: 'teleport-other' };
    expect(refusalOf(() => refuseClashes([email, clash]))).toEqual([
      'plugin-clash',
      'packages/plugins/other/release.json and packages/plugins/email/release.json have the same image.repository "teleport-plugin-email"; change one',
    ]);
  });

  test('are refused when they share a prefix of release tags', () => {
    const clash = { ...other, image: { ...email.image, repository: 'other' } };
    expect(refusalOf(() => refuseClashes([email, clash]))?.[1]).toContain(
      'have the same releaseTagPrefix "teleport-email"',
    );
  });

  test('are refused when they are providers of one type', () => {
    const { namespace } = validProvider.provider;
    const provider = providerPlugin();
    const clash = {
      ...provider,
      root: 'packages/plugins/other',
      provider: { ...provider.provider, namespace: `${namespace}-other` },
    };
    expect(refusalOf(() => refuseClashes([email, provider, clash]))?.[1]).toContain(
      'have the same releaseTagPrefix "terraform-provider-teleport"',
    );
  });

  test('are those only', () => {
    const distinct = {
      ...other,
      releaseTagPrefix: 'teleport-other',
      image: { ...email.image, repository: 'other' },
    };
    expect(refusalOf(() => refuseClashes([email, distinct, providerPlugin()]))).toBeUndefined();
  });
});

describe('a folder', () => {
  test('with both files is a plugin', async () => {
    const workspace = await temporaryDirectory();
    await mkdir(join(workspace, root), { recursive: true });
    await writeFile(join(workspace, root, 'release.json'), JSON.stringify(validManifest));
    await writeFile(join(workspace, root, 'package.json'), JSON.stringify(validPackage));
    await expect(loadPlugin(workspace, root)).resolves.toEqual(read(validManifest));
  });

  test('without a release.json is told what it lacks', async () => {
    await expect(loadPlugin(await temporaryDirectory(), root)).rejects.toThrow(
      new ReleaseError(
        'file-missing',
        `${root}/release.json: not found; it says what is released (packages/release/schemas/release.schema.json)`,
      ),
    );
  });

  test('without a package.json is told what it lacks', async () => {
    const workspace = await temporaryDirectory();
    await writeFile(join(workspace, 'release.json'), JSON.stringify(validManifest));
    await expect(loadPlugin(workspace, '.')).rejects.toThrow(
      'package.json: not found; it has the version that is released',
    );
  });
});
