import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

import { openRegistry } from '@teleport-plugins/registry';
import { throwawayKey } from '@teleport-plugins/terraform-registry';
import { cloneWorkspace, findPeer, type Clone } from '@teleport-plugins/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { pushTestBase } from '../src/test/base.js';
import { distribution, startProduction, type Production } from './production.js';
import { blocksOf, linesOf } from './runbook-blocks.js';

const page = 'emergency-release';
const printed = blocksOf(page);
const blocks = [page, 'release', 'terraform-recovery', 'sign-in'].flatMap(blocksOf);
const provider = 'packages/plugins/terraform-provider';
const email = 'packages/plugins/email';

let clone: Clone;
let production: Production;
let env: Readonly<Record<string, string>>;

/** The shell's part of `sops -d`: opens what age has closed. */
const sops = '#!/bin/sh\n[ "$1" = -d ] && exec age --decrypt --identity "$AGE_KEY" "$2"\nexit 1\n';

/**
 * `npm ci` as far as the page needs it: links to what is installed here. That a checkout of push-image is
 * installed by npm itself, is tested with that command; here it would be done six times.
 */
const npm = `#!/bin/sh
cd "$(git rev-parse --show-toplevel)" || exit
rm -rf node_modules
cp -al "$XDG_INSTALLED/node_modules" . 2>/dev/null || cp -a "$XDG_INSTALLED/node_modules" .
`;

/** `npx` for what is installed: it takes as long as what it starts, dozens of times. That it finds that is tested with those commands. */
const npx = `#!/bin/sh
program=$1
shift
exec "$(git rev-parse --show-toplevel)/node_modules/.bin/$program" "$@"
`;

const awsClient = findPeer({ program: 'aws', install: 'apt-get install awscli' });

/** AWS's client as old as Debian's, which knows no variables for endpoints; and nobody has to look at a browser. */
const aws = `#!/bin/sh
case "$1 $2" in
  'sso login') exit ;;
  s3api*) endpoint=$AWS_ENDPOINT_URL_S3 region=us-west-2 ;;
  *) endpoint=$AWS_ENDPOINT_URL region=us-east-1 ;;
esac
exec ${awsClient ?? 'false'} --endpoint-url "$endpoint" --region "$region" "$@"
`;

beforeAll(async () => {
  clone = await cloneWorkspace();
  const home = join(clone.root, '..');
  production = await startProduction({
    directory: join(home, 'registry'),
    images: ['teleport-plugin-email', 'teleport-plugin-slack'],
  });
  for (const name of ['home', 'tmp', 'programs']) await mkdir(join(home, name));
  for (const [name, program] of Object.entries({ sops, npm, npx, aws })) {
    await writeFile(join(home, 'programs', name), program, { mode: 0o755 });
  }
  await promisify(execFile)('age-keygen', ['--output', join(home, 'key')]);
  await clone.git('remote', 'add', 'origin', clone.root);
  const { digest } = await pushTestBase(openRegistry(production.open.host).repository('base/node'));
  env = {
    ...withoutSecrets(production.env),
    HOME: join(home, 'home'),
    // A name that push-image hands on.
    XDG_INSTALLED: resolve(import.meta.dirname, '../../..'),
    TMPDIR: join(home, 'tmp'),
    PATH: `${join(home, 'programs')}:${process.env.PATH ?? ''}`,
    AGE_KEY: join(home, 'key'),
    plugins_secrets: join(home, 'secrets.yaml'),
    RELEASE_BASE_IMAGE: `${production.open.host}/base/node@${digest}`,
  };
  await encrypt(production.secretsOfCi());
  // The versions that the page speaks of, none of them the working tree's.
  await tag(provider, '9.1.3', 'terraform-provider-teleport-v9.1.3');
  await pushArchives();
  await tag(provider, '9.4.0', 'terraform-provider-teleport-v9.4.0');
  await tag(email, '9.3.7', 'teleport-email-v9.3.7');
  await tag(email, '9.3.8', 'teleport-email-v9.3.8');
  await tag(email, '9.3.9', 'teleport-email-v9.3.9');
  await tag(email, '9.4.0', 'teleport-email-v9.4.0');
});
afterAll(async () => {
  await production.close();
  await clone.remove();
});

/** What the environment says that is no secret: where this machine stands in for AWS. */
function withoutSecrets(all: Readonly<Record<string, string>>) {
  return Object.fromEntries(
    Object.entries(all).filter(([name]) => /^(?:AWS_ENDPOINT|AWS_\w+_FILE|RELEASE_)/.test(name)),
  );
}

/** Commits a version of a plugin, and tags it. */
async function tag(folder: string, version: string, name: string): Promise<void> {
  const file = join(clone.root, folder, 'package.json');
  const text = await readFile(file, 'utf8');
  await writeFile(file, text.replace(/"version": "[^"]*"/, `"version": "${version}"`));
  await clone.git('commit', '--quiet', '--all', '--allow-empty', '--message', name);
  await clone.git('tag', name);
}

/** Writes the secrets file anew, in the shape of Drone's, closed by age. */
async function encrypt(secrets: Readonly<Record<string, string>>): Promise<void> {
  const entries = Object.entries(secrets).map(([name, value]) => [name, { value }] as const);
  const plain = JSON.stringify({ secrets: Object.fromEntries(entries) });
  const script = 'age --encrypt --identity "$AGE_KEY" --output "$plugins_secrets"';
  const { code, output } = await clone.shell(`printf "%s\\n" "$PLAIN" | ${script}`, {
    env: { ...env, PLAIN: plain },
  });
  if (code !== 0) throw new Error(output);
}

/** As CI does for a tag: for each platform a program, that is a script of one line. */
async function pushArchives(): Promise<void> {
  const { provider: declared } = JSON.parse(
    await readFile(join(clone.root, provider, 'release.json'), 'utf8'),
  ) as { readonly provider: { readonly platforms: readonly string[] } };
  for (const platform of declared.platforms) {
    const folder = join(clone.root, '../binaries', platform);
    await mkdir(folder, { recursive: true });
    const name = `terraform-provider-teleport${platform.startsWith('windows') ? '.exe' : ''}`;
    await writeFile(join(folder, name), `for ${platform}\n`);
  }
  const { code, output } = await clone.nx(
    'run terraform-provider-teleport:push-archives -c production --binaries=../binaries',
    { env: { ...env, ...production.secretsOfCi() } },
  );
  if (code !== 0) throw new Error(output);
}

/** What has to be the case before a block is run, and what else. */
interface Situation {
  readonly before?: () => Promise<void> | void;
  readonly env?: () => Readonly<Record<string, string>>;
  /** What is run after it, in the same shell. */
  readonly followedBy?: string;
  /** What is to be the case afterwards. */
  readonly after?: (output: string) => Promise<void> | void;
  /** Of commands of AWS's own client. */
  readonly isByAws?: true;
  /** Of commands that are to be refused. */
  readonly fails?: true;
  /** Beside what the page says. */
  readonly prints?: readonly string[];
}

const index = 'registry/gravitational/teleport/versions';
const record = 'releases/gravitational/teleport/9.1.3.json';
/** An object whose key begins like that of the record. */
const beside = `${record}.bak`;
const zip = 'store/gravitational/teleport/9.1.3/terraform-provider-teleport_9.1.3_linux_amd64.zip';
const productionBucket = 'terraform-production-bucket';
const stagingBucket = 'terraform-staging-bucket';

/** What the blocks have printed. */
const outputs: string[] = [];

/** The version of an object that lies on top of the right one. */
let onTop = '';

/** The secrets that are not what they were at the beginning. */
let replaced: Readonly<Record<string, string>> = {};

/** In the order of the page: each takes what the one before it has left. */
const situations: Readonly<Record<string, Situation>> = {
  begin: { prints: ['PRODUCTION_TERRAFORM_REGISTRY_SIGNING_KEY', 'AWS_S3_BUCKET'] },
  provider: { prints: ['✔ dry run'] },
  'provider-verified': {},
  'in-full': {},
  image: {},
  'half-done-seen': {
    before: () => {
      production.s3.empty(productionBucket);
    },
    fails: true,
  },
  'half-done': {},
  'next-version': {
    // Somebody has moved the tag: what is staged is not what it says.
    before: async () => {
      const version = 'teleport-email-v9.3.8';
      await clone.git('checkout', '--quiet', version);
      const secrets = production.secretsOfCi();
      const staging = 'run plugin-email:push-staging -c production';
      const staged = await clone.nx(staging, { env: { ...env, ...secrets } });
      expect(staged.code, staged.output).toBe(0);
      await appendFile(join(clone.root, email, 'src/main.ts'), '// changed\n');
      await clone.git('commit', '--quiet', '--all', '--message', 'changed');
      await clone.git('tag', '--force', version);
      await clone.git('checkout', '--quiet', 'main');
      const promote = 'npx with-secrets --sops "$plugins_secrets" -- npx promote-image email 9.3.8';
      const { code, output } = await clone.shell(promote, { env });
      expect(code, output).not.toBe(0);
      expectLines(output, 'wrong-image');
    },
  },
  'damaged-index': {
    before: () => {
      production.s3.fill(productionBucket, [index]);
    },
  },
  expired: {
    env: () => {
      const session = production.keysOf('engineer');
      production.aws.expireSessions();
      return session;
    },
    prints: ['assumed-role/drone-images/'],
  },
  'lost-key': {
    before: async () => {
      const key = await throwawayKey(new Date('2025-06-01T00:00:00Z'), { bits: 2048 });
      const name = 'PRODUCTION_TERRAFORM_REGISTRY_SIGNING_KEY';
      replaced = { [name]: key.reveal() };
      await encrypt({ ...production.secretsOfCi(), ...replaced });
    },
  },
  // From here on as in CI: the secrets are in the environment.
  'provider-of-ci': {
    env: secrets,
    prints: ['✔ already released', '✔ Terraform and OpenTofu would refuse nothing'],
  },
  'private-cache': {
    followedBy: 'printenv NX_CACHE_DIRECTORY NX_SKIP_REMOTE_CACHE',
    after: (output) => {
      expect(output).toBe(`${join(clone.root, '.nx/cache')}\ntrue\n`);
    },
  },
  'first-look': { env: secrets, prints: ['fine  clients refuse nothing'] },
  again: { env: secrets, prints: ['✔ already staged', '✔ already released'] },
  restored: {
    before: () => {
      production.s3.fill(stagingBucket, [zip]);
    },
    env: secrets,
    prints: ['✔ dry run', '✔ restored 1 zip in '],
  },
  'older-versions': {
    before: async () => {
      await runBlock('versioned');
      production.s3.fill(stagingBucket, [record, beside]);
    },
    isByAws: true,
    env: administrator,
    after: async (output) => {
      const { Versions } = JSON.parse(output) as { readonly Versions: readonly [string][] };
      expect(Versions).toHaveLength(2);
      onTop = Versions[0]?.[0] ?? '';
      const { code, output: removed } = await clone.shell(
        `VERSION=$(aws s3api list-object-versions --bucket ${stagingBucket} --prefix ${beside} --query 'Versions[0].VersionId' --output text)
        aws s3api delete-object --bucket ${stagingBucket} --key ${beside} --version-id "$VERSION"`,
        { env: { ...env, ...administrator() } },
      );
      expect(code, removed).toBe(0);
    },
  },
  'older-version-restored': {
    // Typed line by line, where nothing stops at what failed: what cannot be kept is not taken away.
    before: async () => {
      const { code, output } = await clone.shell(`set +e\n${textOf('older-version-restored')}`, {
        env: { ...env, ...administrator(), VERSION: onTop, HOME: '/nonexistent' },
      });
      expect(code, output).not.toBe(0);
    },
    isByAws: true,
    env: () => ({ ...administrator(), VERSION: onTop }),
    after: async () => {
      expect(await readFile(join(clone.root, '../home', onTop), 'utf8')).toBe(record);
      // The zip that was restored is looked at, too.
      await verified('staging');
    },
  },
  repaired: {
    before: () => {
      production.s3.fill(productionBucket, [index]);
    },
    env: secrets,
    prints: ['✔ dry run', '✔ repaired 1 object in '],
  },
  forgotten: {
    isByAws: true,
    env: administrator,
    after: () => {
      const paths = ['/store/gravitational/teleport/9.1.3/*'];
      expect(production.aws.invalidations(distribution)).toEqual([paths]);
    },
  },
  'signed-again': { env: secrets, prints: ['✔ already signed'] },
  yanked: { env: secrets, prints: ['✔ dry run'] },
  versioned: { isByAws: true, env: administrator },
  'sign-in': { env: signedIn, prints: ['AWSReservedSSO_Plugin-Release-Engineers'] },
};

/** The key of production that was lost has been replaced. */
function secrets() {
  return { ...production.secretsOfCi(), ...replaced, TAG: 'terraform-provider-teleport-v9.1.3' };
}

/** Who looks after the buckets. */
function administrator() {
  return {
    ...production.keysOf('administrator'),
    ...production.buckets,
    DISTRIBUTION: distribution,
  };
}

/** Nothing is to be repaired in a registry, and clients would refuse nothing of it. */
async function verified(registry: string): Promise<void> {
  const run = 'npx nx run release:';
  const where = `-c production --registry ${registry}`;
  const { code, output } = await clone.shell(
    `${run}tf-repair ${where} --dry-run\n${run}tf-verify ${where}\n`,
    { env: { ...env, ...secrets() } },
  );
  expect(code, output).toBe(0);
  expect(output).toContain('✔ nothing to repair in ');
}

/** What signing in with a browser leaves behind: a profile that has credentials. */
function signedIn() {
  const keys = production.keysOf('engineer');
  const lines = Object.entries(keys).map(([name, value]) => `${name.toLowerCase()} = ${value}`);
  const file = join(clone.root, '../aws-config');
  writeFileSync(file, ['[profile teleport-prod]', ...lines, ''].join('\n'));
  return { AWS_CONFIG_FILE: file };
}

const named = (kind: string) =>
  blocks.flatMap(({ kind: found, name = '', ...block }) =>
    found === kind ? [[name, { kind, name, ...block }] as const] : [],
  );

/** Runs a block of the pages in its situation, and returns what it has printed. */
async function runBlock(name: string): Promise<string> {
  const { env: more, followedBy = '', fails = false, prints = [] } = situations[name] ?? {};
  const { code, output } = await clone.shell(`${textOf(name)}\n${followedBy}`, {
    env: { ...env, ...more?.() },
  });
  outputs.push(output);
  expect(code === 0, output).toBe(!fails);
  for (const line of prints) expect(output).toContain(line);
  expectLines(output, name);
  return output;
}

function textOf(name: string): string {
  return blocks.find((each) => each.kind === 'run' && each.name === name)?.text ?? 'false';
}

/** What the page says that something prints. */
function expectLines(output: string, name: string): void {
  const block = printed.find((each) => each.kind === 'prints' && each.name === name);
  for (const line of block ? linesOf(block) : []) expect(output).toMatch(line);
}

test('every block of commands has a name, and is run', () => {
  const commands = blocks.filter(({ language }) => language === 'sh');
  const names = (kind: string) =>
    commands.flatMap((block) => (block.kind === kind ? [block.name] : []));
  // Those with gpg are run by the test of packages/terraform-registry.
  const all = [...Object.keys(situations), ...names('gpg')];
  expect(commands.map(({ name }) => name).sort()).toEqual(all.sort());
  expect(new Set(names('run'))).toEqual(new Set(Object.keys(situations)));
});

const age = findPeer({ program: 'age', install: 'apt-get install age' });
describe.skipIf(age === undefined && process.env.CI === undefined)(
  'docs/runbooks, with age (apt-get install age)',
  () => {
    test.for(named('run'))('%s', async ([name], { skip }) => {
      const { before, after, isByAws = false } = situations[name] ?? {};
      if (isByAws && awsClient === undefined && process.env.CI === undefined) {
        skip('aws is not installed: apt-get install awscli');
      }
      await before?.();
      const output = await runBlock(name);
      await after?.(output);
    });

    // The last one: it looks at what all others have left behind.
    test('no secret is printed, or left in a file', async () => {
      const traces = tracesOfSecrets();
      expect(traces.length).toBeGreaterThan(10);
      const all = outputs.join('\n');
      expect(traces.filter((trace) => all.includes(trace))).toEqual([]);

      const home = join(clone.root, '..');
      await writeFile(join(home, 'patterns'), traces.join('\n'));
      await writeFile(join(home, 'tmp/found'), traces[0] ?? '');
      const folders = ['home', 'tmp', ...['dist', '.nx', '.release', 'packages'].map(ofClone)];
      const words = ['--recursive', '--fixed-strings', '--files-with-matches', '--file=patterns'];
      const grep = await promisify(execFile)('grep', [...words, ...folders], { cwd: home });
      expect(grep.stdout.trim().split('\n')).toEqual(['tmp/found']);
    });
  },
);

const ofClone = (folder: string) => join('clone', folder);

/** Of what the runbooks were run with: the secret halves of access keys and of sessions, and the middle of each key. */
function tracesOfSecrets(): readonly string[] {
  const keys = Object.values(production.signingKeys).map((key) => key.reveal());
  return [
    ...production.aws.secrets.map((secret) => secret.slice(0, 24)),
    ...[...keys, ...Object.values(replaced)].map((key) => {
      const lines = key.split('\n');
      return lines[Math.floor(lines.length / 2)]?.slice(0, 40) ?? '';
    }),
  ];
}
