import buildArchives from '../executors/build-archives/executor.js';
import pushArchives from '../executors/push-archives/executor.js';
import type { TestHostOptions } from './host.js';
import { contextOf, runHere, type Run } from './run.js';
import { workspaceFiles, type WorkspaceFiles } from './workspace-files.js';

const executors = {
  'build-archives': buildArchives,
  'push-archives': pushArchives,
};
type Target = keyof typeof executors;

interface RunOptions extends TestHostOptions {
  readonly options?: object;
  /** The targets that Nx runs before this one. */
  readonly after?: readonly Target[];
}

/**
 * A workspace with one Terraform provider, `acme/acme` 1.2.3, for two platforms, all of it committed to git. The
 * environment `production` is protected; what it has is in folders too.
 */
export interface ProviderWorkspace extends WorkspaceFiles {
  /** Runs one target, without those that it depends on. */
  run(target: Target, options?: RunOptions): Promise<Run>;
  /** Runs the chain as far as is said; throws when a step fails. */
  release(upTo: Target, options?: RunOptions): Promise<Run>;
  receipt(target: Target): Promise<unknown>;
  /** Changes the environments, by what is added to each. */
  configure(changes: Readonly<Record<'local' | 'production', object>>): Promise<void>;
}

/** The folder of the provider. */
export const provider = 'packages/plugins/provider';
export const project = 'terraform-provider-acme';
export const releaseTag = 'terraform-provider-acme-v1.2.3';

/** The names of the archives of 1.2.3. */
export const archiveNames = ['darwin-arm64', 'linux-amd64'].map(
  (platform) => `${releaseTag}-${platform}-bin.tar.gz`,
);

export async function providerWorkspace(): Promise<ProviderWorkspace> {
  const files = await workspaceFiles();
  const { root, write, read, commit } = files;

  const run: ProviderWorkspace['run'] = (target, { options = {}, after = [], ...rest } = {}) => {
    const projects = { [project]: provider, other: 'packages/other' };
    const context = contextOf(root, { projects, target, after, verbose: false });
    return runHere(executors[target], options, context, rest);
  };
  const release: ProviderWorkspace['release'] = async (upTo, options) => {
    for (const target of Object.keys(executors) as Target[]) {
      const done = await run(target, options);
      if (!done.success) throw new Error(`${target}: ${done.errors}`);
      if (target === upTo) return done;
    }
    throw new Error(`${upTo} is not in the chain`);
  };
  const configure: ProviderWorkspace['configure'] = (changes) =>
    write('release.config.json', {
      source: 'https://github.com/acme/plugins',
      defaultEnvironment: 'local',
      environments: {
        local: { ...environmentIn('.release'), ...changes.local },
        production: {
          protected: true,
          ...environmentIn('.release/production'),
          ...changes.production,
        },
      },
    });

  await configure({ local: {}, production: {} });
  await write('.gitignore', 'dist/\n/.release/\n/binaries/\n');
  await write(`${provider}/package.json`, { name: '@acme/provider', version: '1.2.3' });
  await write(`${provider}/release.json`, {
    kind: 'terraform-provider',
    releaseTagPrefix: project,
    provider: {
      namespace: 'acme',
      type: 'acme',
      title: 'Acme',
      description: 'Manages Acme',
      protocols: ['6.0'],
      platforms: ['linux_amd64', 'darwin_arm64'],
    },
  });
  await commit();
  return {
    ...files,
    run,
    release,
    receipt: (target) => read(`dist/release/${project}/${target}.json`),
    configure,
  };
}

function environmentIn(folder: string) {
  const registry = (name: string, port: number) => ({
    embedded: `${folder}/registries/${name}`,
    port,
    namespace: 'acme',
  });
  return {
    registries: { staging: registry('staging', 5001), public: registry('public', 5002) },
    base: 'host',
    artifacts: `file:${folder}/artifacts`,
  };
}
