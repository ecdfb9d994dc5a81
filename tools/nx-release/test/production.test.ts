import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { type Clone, cloneWorkspace } from '@teleport-plugins/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { startProduction, role, type Production } from './production.js';
import { recordArguments, type RecordedArguments } from './recorded-arguments.js';

const images = { email: 'teleport-plugin-email', slack: 'teleport-plugin-slack' };
// The sources of a test are neither tagged nor pinned to a base image.
const flags = '--allow-untagged --allow-host-base';

const run = promisify(execFile);

let clone: Clone;
let production: Production;
let recorded: RecordedArguments;
let env: Readonly<Record<string, string>>;
const printed: string[] = [];

beforeAll(async () => {
  clone = await cloneWorkspace();
  const folder = join(clone.root, '..');
  production = await startProduction({
    directory: join(folder, 'registry'),
    images: Object.values(images),
  });
  recorded = recordArguments();
  for (const name of ['home', 'tmp']) await mkdir(join(folder, name));
  env = {
    ...production.env,
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    RELEASE_BASE_IMAGE: 'host',
  };
});
afterAll(async () => {
  await recorded.stop();
  await production.close();
  await clone.remove();
});

/** Runs nx in production as somebody, and remembers what it prints. */
async function nx(
  words: string,
  signer: Readonly<Record<string, string>> = production.keysOf('engineer'),
): Promise<string> {
  const { code, output } = await clone.nx(words, { env: { ...env, ...signer } });
  printed.push(output);
  expect(code, output).toBe(0);
  return output;
}

describe.each(['email', 'slack'] as const)('plugin-%s in production', (name) => {
  test('is staged and promoted by an engineer, and pulled by who may only read', async () => {
    const project = `plugin-${name}`;
    const { calls } = production.aws;
    const before = [calls.sts, calls.ecr, calls.ecrPublic].map(({ length }) => length);
    const output = await nx(`run ${project}:promote-public -c production ${flags}`);
    expect(output).toMatch(new RegExp(`✔ staged 127[\\d.:]+/gravitational/${images[name]}:`));
    expect(output).toMatch(new RegExp(`✔ public: 127[\\d.:]+/gravitational/${images[name]}:`));

    // Two steps, each a process of its own.
    const steps = ['GetCallerIdentity', 'AssumeRole'];
    expect(calls.sts.slice(before[0])).toEqual([...steps, ...steps]);
    expect(calls.ecr.slice(before[1])).toEqual(['GetAuthorizationToken', 'GetAuthorizationToken']);
    expect(calls.ecrPublic.slice(before[2])).toEqual(['GetAuthorizationToken']);

    const receipt = await readFile(
      join(clone.root, 'dist/release', project, 'promote-public.json'),
      'utf8',
    );
    expect(JSON.parse(receipt)).not.toMatchObject({ transfer: { copied: { count: 0 } } });
    expect(receipt).toContain(role.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/'));

    const pull = `run ${project}:pull-staging -c production --to=layout`;
    const pulled = await nx(pull, production.keysOf('reader'));
    expect(pulled).toMatch(/✔ pulled 127[\d.:]+\/gravitational\/.* into dist\/pulled/);
    expect(calls.sts.slice(before[0]).slice(4)).toEqual(['GetCallerIdentity']);
  });
});

describe('the Terraform provider in production', () => {
  const project = 'terraform-provider-teleport';
  // The sources of a test are not tagged.
  const release = `run ${project}:tf-release -c production --allow-untagged`;

  test('is staged and released by an engineer, and verified by who may only read', async () => {
    const { platforms } = (await readProvider()).provider;
    for (const platform of platforms) {
      const ending = platform.startsWith('windows') ? '.exe' : '';
      const folder = join(clone.root, '../binaries', platform);
      await mkdir(folder, { recursive: true });
      await writeFile(join(folder, `${project}${ending}`), `for ${platform}\n`);
    }
    const { calls } = production.aws;
    const before = calls.sts.length;
    const output = await nx(`${release} --binaries=../binaries`);
    expect(output).toContain('✔ pushed: s3://artifacts-bucket/teleport-plugins/tag/');
    expect(output).toMatch(
      /✔ staged: terraform-staging\.releases\.teleport\.dev\/gravitational\/teleport/,
    );
    expect(output).toMatch(
      /✔ released: terraform\.releases\.teleport\.dev\/gravitational\/teleport/,
    );
    // Three steps, each a process of its own.
    const steps = ['GetCallerIdentity', 'AssumeRole'];
    expect(calls.sts.slice(before)).toEqual([...steps, ...steps, ...steps]);
    const verified = await nx('run release:tf-verify -c production', production.keysOf('reader'));
    expect(verified).toContain('production Terraform production: s3://terraform-production-bucket');
    expect(verified).toContain('✔ Terraform and OpenTofu would refuse nothing');
  });

  test('again, by its tag and from another version, builds and uploads nothing', async () => {
    const file = join(clone.root, 'packages/plugins/terraform-provider/package.json');
    const text = await readFile(file, 'utf8');
    const { version } = JSON.parse(text) as { readonly version: string };
    await writeFile(file, text.replace(version, '99.0.0'));
    const tag = `${project}-v${version}`;
    const output = await nx(`${release} --allow-dirty --tag ${tag}`);
    await writeFile(file, text);
    expect(output).toContain('nothing to build, the working tree is 99.0.0');
    expect(output).toContain('✔ already there: s3://artifacts-bucket/');
    expect(output).toContain('✔ already released: ');
  });
});

async function readProvider() {
  const file = join(clone.root, 'packages/plugins/terraform-provider/release.json');
  return JSON.parse(await readFile(file, 'utf8')) as {
    readonly provider: { readonly platforms: readonly string[] };
  };
}

test('all plugins at once sign in once each, and none disturbs another', async () => {
  const { calls } = production.aws;
  const before = calls.sts.length;
  const output = await nx(
    `run-many -t promote-public -c production --parallel=4 --output-style=stream ${flags} --exclude-task-dependencies`,
  );
  expect(output.match(/✔ already public/g)).toHaveLength(2);
  expect(calls.sts.slice(before).filter((action) => action === 'AssumeRole')).toHaveLength(2);
});

test('a dry run, and the rights of the chain', async () => {
  const alone = '--exclude-task-dependencies';
  const dry = `run plugin-email:promote-public -c production ${flags} --dry-run ${alone}`;
  expect(await nx(dry)).toContain('✔ already public');
  expect(await nx('run plugin-email:promote-public -c production --print-policy')).toContain(
    'arn:aws:ecr:us-west-2:146628656107:repository/gravitational/teleport-plugin-email',
  );
});

test('a job of GitHub is the role already, by its token', async () => {
  const file = join(clone.root, '../home/token');
  const subject = 'repo:gravitational/teleport-plugins:environment:production';
  await writeFile(file, `${production.gitHubToken(subject)}\n`);
  const signer = { AWS_WEB_IDENTITY_TOKEN_FILE: file, AWS_ROLE_ARN: role };
  const { calls } = production.aws;
  const before = calls.sts.length;
  const words = `run plugin-email:promote-public -c production ${flags} --exclude-task-dependencies`;
  const output = await nx(words, signer);
  expect(output).toContain('is a session of the role already');
  expect(output).toContain('✔ already public');
  expect(calls.sts.slice(before)).toEqual(['AssumeRoleWithWebIdentity', 'GetCallerIdentity']);
  await rm(file);
});

test('what people run besides', async () => {
  const code = '--mfa-code 123456';
  expect(await nx(`run release:whoami -c production --verbose ${code}`)).toContain(role);
  expect(await nx('run release:login -c production --access write')).toContain(
    'sign in to 127.0.0.1',
  );
  expect(await nx('run release:logout -c production')).toContain('✔');
});

test('what puts an image into an engine, whether there is one or not', async () => {
  for (const target of ['load-image', 'pull-staging']) {
    const options = { env: { ...env, ...production.keysOf('reader') } };
    const { output } = await clone.nx(`run plugin-email:${target} -c production`, options);
    printed.push(output);
    expect(output).toContain(`plugin-email:${target}`);
  }
});

test('somebody whom the role does not trust is told who they are and what is missing', async () => {
  const words = 'run plugin-email:promote-public -c production --exclude-task-dependencies';
  const signer = production.keysOf('stranger');
  const { code, output } = await clone.nx(words, { env: { ...env, ...signer } });
  printed.push(output);
  expect(code).not.toBe(0);
  expect(output).toMatch(
    /✘ .*sts:AssumeRole on arn:aws:iam::146628656107:role\/release-engineer-plugin-admin as arn:aws:sts::146628656107:assumed-role\/AWSReservedSSO_Sales_\w+\/\w+: access denied/,
  );
});

// The last one: it looks at what all others have left behind.
describe('no secret is found', () => {
  /** Whole, as it is sent to a registry, and cut short, as a message might have it. */
  const traces = () => [
    ...production.aws.secrets.flatMap((secret) => {
      const pair = Buffer.from(`AWS:${secret}`).toString('base64');
      return [secret.slice(0, 24), encodeURIComponent(secret).slice(0, 24), pair.slice(8, 40)];
    }),
    // What is only in the private half of a signing key: in its middle.
    ...Object.values(production.signingKeys).map((key) => {
      const lines = key.reveal().split('\n');
      return lines[Math.floor(lines.length / 2)]?.slice(0, 40) ?? '';
    }),
  ];

  test('because the ones that are looked for are there', () => {
    expect(traces().length).toBeGreaterThan(30);
    expect(production.aws.secrets.some((secret) => secret.length > 300)).toBe(true);
  });

  test('in what was printed', () => {
    const all = printed.join('\n');
    expect(all).toContain('✔');
    expect(traces().filter((trace) => all.includes(trace))).toEqual([]);
  });

  test.runIf(process.platform === 'linux')('in the arguments of programs', () => {
    const all = [...recorded.all].join('\n');
    expect(all).toMatch(/nx\.js run plugin-email:promote-public/);
    expect(all).toMatch(/run-executor/);
    expect(traces().filter((trace) => all.includes(trace))).toEqual([]);
  });

  test('in receipts, Nx’s cache, the state of releases, temporary and home folders', async () => {
    const folders = ['dist', '.nx', '.release', 'packages', '../home', '../tmp', '../registry'];
    const files = (await Promise.all(folders.map(filesIn))).flat();
    expect(files.some((file) => file.endsWith('/promote-public.json'))).toBe(true);
    expect(files.some((file) => file.includes('/.nx/cache/'))).toBe(true);

    const patterns = join(clone.root, '../patterns');
    await writeFile(patterns, [...traces(), 'a text to be found'].join('\n'));
    await writeFile(join(clone.root, '../tmp/found'), 'a text to be found');
    const words = ['--recursive', '--fixed-strings', '--files-with-matches', '--file', patterns];
    const { stdout } = await run('grep', [...words, ...folders], { cwd: clone.root });
    expect(stdout.trim().split('\n')).toEqual(['../tmp/found']);
  });

  test('that were left in temporary folders at all', async () => {
    await rm(join(clone.root, '../tmp/v8-compile-cache'), { recursive: true, force: true });
    const left = await readdir(join(clone.root, '../tmp'));
    expect(left.filter((name) => name.startsWith('teleport-plugins-'))).toEqual([]);
  });
});

async function filesIn(folder: string): Promise<readonly string[]> {
  const options = { recursive: true, withFileTypes: true } as const;
  const entries = await readdir(join(clone.root, folder), options).catch(() => []);
  return entries
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name));
}
