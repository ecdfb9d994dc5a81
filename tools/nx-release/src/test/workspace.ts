import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import type { ExecutorContext, TaskGraph } from '@nx/devkit';
import { temporaryDirectory } from '@teleport-plugins/testing';

import buildImage from '../executors/build-image/executor.js';
import build from '../executors/build/executor.js';
import login from '../executors/login/executor.js';
import logout from '../executors/logout/executor.js';
import loadImage from '../executors/load-image/executor.js';
import promotePublic from '../executors/promote-public/executor.js';
import pullStaging from '../executors/pull-staging/executor.js';
import pushStaging from '../executors/push-staging/executor.js';
import serve from '../executors/serve/executor.js';
import whoami from '../executors/whoami/executor.js';
import { pushTestBase } from './base.js';
import { testHost, type TestHostOptions } from './host.js';
import { servedRegistry } from './served.js';

const executors = {
  build,
  'build-image': buildImage,
  'load-image': loadImage,
  login,
  logout,
  'push-staging': pushStaging,
  'pull-staging': pullStaging,
  'promote-public': promotePublic,
  serve,
  whoami,
};
type Target = keyof typeof executors;

/** How a target ended, and what it printed. */
export interface Run {
  readonly success: boolean;
  readonly printed: string;
  readonly errors: string;
  readonly statuses: readonly string[];
}

interface RunOptions extends TestHostOptions {
  readonly options?: object;
  /** The targets that Nx runs before this one. */
  readonly after?: readonly Target[];
  readonly verbose?: boolean;
}

/** A workspace with one plugin, `mail` 1.2.3, all of it committed to git. */
export interface TestWorkspace {
  readonly root: string;
  /** The reference of its base image. */
  readonly base: string;
  /** Runs one target, without those that it depends on. */
  run(target: Target, options?: RunOptions): Promise<Run>;
  /** Runs the chain up to promote-public, or as far as is said; throws when a step fails. */
  release(options?: RunOptions & { readonly upTo?: Target }): Promise<Run>;
  write(path: string, content: string | object): Promise<void>;
  text(path: string): Promise<string>;
  /** What `dist/image.json` says. */
  image(): Promise<ImageFile>;
  receipt(target: Target): Promise<unknown>;
  git(...words: readonly string[]): Promise<string>;
  commit(): Promise<void>;
}

interface ImageFile {
  readonly index: { readonly digest: string };
  readonly platforms: readonly {
    readonly platform: string;
    readonly manifest: string;
    readonly layers: readonly { readonly digest: string }[];
  }[];
}

/** The folder of the plugin. */
export const plugin = 'packages/plugins/mail';

const mail = {
  kind: 'image',
  releaseTagPrefix: 'acme-mail',
  image: {
    repository: 'mail',
    title: 'Mail',
    description: 'Sends mail',
    platforms: ['linux/amd64', 'linux/arm64'],
    floatingTags: ['major', 'minor', 'latest'],
    user: '65532:65532',
  },
};

export async function testWorkspace(
  options: { readonly base?: string } = {},
): Promise<TestWorkspace> {
  const root = await temporaryDirectory();
  const base = options.base ?? (await servedBase());
  const registry = (name: string, port: number) => ({
    embedded: `.release/registries/${name}`,
    port,
    namespace: 'acme',
  });
  const registries = { staging: registry('staging', 5001), public: registry('public', 5002) };

  const write: TestWorkspace['write'] = async (path, content) => {
    await mkdir(join(root, dirname(path)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(root, path), text);
  };
  const git: TestWorkspace['git'] = async (...words) => {
    const { stdout } = await promisify(execFile)('git', words, { cwd: root, env: gitEnvironment });
    return stdout;
  };
  const text = (path: string) => readFile(join(root, path), 'utf8');
  const read = async (path: string): Promise<unknown> => JSON.parse(await text(path));
  const commit = async () => {
    await git('add', '--all');
    await git('commit', '--quiet', '--message', 'change');
  };
  const run: TestWorkspace['run'] = async (target, { options = {}, after = [], ...rest } = {}) => {
    const host = testHost(rest);
    const context = contextOf(root, target, after, rest.verbose ?? false);
    const { success } = await executors[target](options, context, host);
    return {
      success,
      printed: host.printed.join('\n'),
      errors: host.errors.join('\n'),
      statuses: host.statuses,
    };
  };
  const release: TestWorkspace['release'] = async ({ upTo = 'promote-public', ...rest } = {}) => {
    const chain: readonly Target[] = ['build', 'build-image', 'push-staging', 'promote-public'];
    for (const target of chain) {
      const done = await run(target, rest);
      if (!done.success) throw new Error(`${target}: ${done.errors}`);
      if (target === upTo) return done;
    }
    throw new Error(`${upTo} is not in the chain`);
  };

  await write('release.config.json', {
    source: 'https://github.com/acme/plugins',
    defaultEnvironment: 'local',
    environments: {
      local: { registries, base },
      production: { protected: true, registries, base },
    },
  });
  await write('.gitignore', 'dist/\n/.release/\n');
  await write(`${plugin}/package.json`, { name: '@acme/mail', version: '1.2.3' });
  await write(`${plugin}/release.json`, mail);
  await write(`${plugin}/src/main.ts`, 'console.log("mail" as string);\n');
  await git('init', '--quiet');
  await commit();
  return {
    root,
    base,
    run,
    release,
    write,
    text,
    image: async () => (await read(`${plugin}/dist/image.json`)) as ImageFile,
    receipt: (target) => read(`dist/release/mail/${target}.json`),
    git,
    commit,
  };
}

const gitEnvironment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'tester',
  GIT_AUTHOR_EMAIL: 'tester@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'tester',
  GIT_COMMITTER_EMAIL: 'tester@example.com',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

/** A reference to a base image in a registry that is there as long as the running test. */
async function servedBase(): Promise<string> {
  const { host, registry } = await servedRegistry();
  const { digest } = await pushTestBase(registry.repository('base/node'));
  return `${host}/base/node:20@${digest}`;
}

function contextOf(
  root: string,
  target: Target,
  after: readonly Target[],
  isVerbose: boolean,
): ExecutorContext {
  const tasks = after.map((each) => ({ id: each, target: { project: 'mail', target: each } }));
  return {
    root,
    cwd: root,
    isVerbose,
    projectName: 'mail',
    targetName: target,
    projectsConfigurations: {
      version: 2,
      projects: { mail: { root: plugin }, kit: { root: 'packages/kit' } },
    },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
    taskGraph: { tasks: Object.fromEntries(tasks.map((task) => [task.id, task])) } as TaskGraph,
  };
}
