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
import type { TestHostOptions } from './host.js';
import { contextOf, runHere, type Run } from './run.js';
import { servedRegistry } from './served.js';
import { workspaceFiles, type WorkspaceFiles } from './workspace-files.js';

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

interface RunOptions extends TestHostOptions {
  readonly options?: object;
  /** The targets that Nx runs before this one. */
  readonly after?: readonly Target[];
  readonly verbose?: boolean;
}

/** A workspace with one plugin, `mail` 1.2.3, all of it committed to git. */
export interface TestWorkspace extends Omit<WorkspaceFiles, 'read'> {
  /** The reference of its base image. */
  readonly base: string;
  /** Runs one target, without those that it depends on. */
  run(target: Target, options?: RunOptions): Promise<Run>;
  /** Runs the chain up to promote-public, or as far as is said; throws when a step fails. */
  release(options?: RunOptions & { readonly upTo?: Target }): Promise<Run>;
  /** What `dist/image.json` says. */
  image(): Promise<ImageFile>;
  receipt(target: Target): Promise<unknown>;
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
  const files = await workspaceFiles();
  const { root, write, read, commit } = files;
  const base = options.base ?? (await servedBase());
  const registry = (name: string, port: number) => ({
    embedded: `.release/registries/${name}`,
    port,
    namespace: 'acme',
  });
  const registries = { staging: registry('staging', 5001), public: registry('public', 5002) };

  const run: TestWorkspace['run'] = async (target, { options = {}, after = [], ...rest } = {}) => {
    const context = contextOf(root, {
      projects: { mail: plugin, kit: 'packages/kit' },
      target,
      after,
      verbose: rest.verbose ?? false,
    });
    return runHere(executors[target], options, context, rest);
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
  await commit();
  return {
    ...files,
    base,
    run,
    release,
    image: async () => (await read(`${plugin}/dist/image.json`)) as ImageFile,
    receipt: (target) => read(`dist/release/mail/${target}.json`),
  };
}

/** A reference to a base image in a registry that is there as long as the running test. */
async function servedBase(): Promise<string> {
  const { host, registry } = await servedRegistry();
  const { digest } = await pushTestBase(registry.repository('base/node'));
  return `${host}/base/node:20@${digest}`;
}
