import buildArchives from '../executors/build-archives/executor.js';
import pushArchives from '../executors/push-archives/executor.js';
import serve from '../executors/serve/executor.js';
import tfRelease from '../executors/tf-release/executor.js';
import tfRepair from '../executors/tf-repair/executor.js';
import tfResign from '../executors/tf-resign/executor.js';
import tfStage from '../executors/tf-stage/executor.js';
import tfVerify from '../executors/tf-verify/executor.js';
import tfYank from '../executors/tf-yank/executor.js';
import whoami from '../executors/whoami/executor.js';
import type { TestHostOptions } from './host.js';
import { contextOf, runHere, type Run } from './run.js';
import { workspaceFiles, type WorkspaceFiles } from './workspace-files.js';

const chain = {
  'build-archives': buildArchives,
  'push-archives': pushArchives,
  'tf-stage': tfStage,
  'tf-release': tfRelease,
};
const ofRoot = {
  serve,
  'tf-verify': tfVerify,
  'tf-repair': tfRepair,
  'tf-resign': tfResign,
  'tf-yank': tfYank,
  whoami,
};
const executors = { ...chain, ...ofRoot };
type ChainTarget = keyof typeof chain;
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
  readonly run: (target: Target, options?: RunOptions) => Promise<Run>;
  /** Runs the chain as far as is said; throws when a step fails. */
  readonly release: (upTo: ChainTarget, options?: RunOptions) => Promise<Run>;
  /** Runs the chain as Nx does, each step knowing of those before it. Throws when a step fails. */
  readonly releaseByNx: (upTo: ChainTarget, options?: RunOptions) => Promise<Run>;
  readonly receipt: (target: Target) => Promise<unknown>;
  /** Changes the environments, by what is added to each. */
  readonly configure: (changes: Readonly<Record<'local' | 'production', object>>) => Promise<void>;
}

/** The folder of the provider. */
export const provider = 'packages/plugins/provider';
export const project = 'terraform-provider-acme';
export const releaseTag = 'terraform-provider-acme-v1.2.3';

/** What the names of `acme/acme` in the registries begin with, and the names of its zips of 1.2.3. */
export const zipNames = ['darwin_arm64', 'linux_amd64'].map(
  (platform) => `store/acme/acme/1.2.3/terraform-provider-acme_1.2.3_${platform}.zip`,
);

/** The names of the archives of 1.2.3. */
export const archiveNames = ['darwin-arm64', 'linux-amd64'].map(
  (platform) => `${releaseTag}-${platform}-bin.tar.gz`,
);

export async function providerWorkspace(): Promise<ProviderWorkspace> {
  // Before the clock of steps begins: signatures have the date of their release.
  const files = await workspaceFiles('2025-12-31T00:00:00Z');
  const { root, write, read, commit } = files;

  const run: ProviderWorkspace['run'] = (target, { options = {}, after = [], ...rest } = {}) => {
    const own = { [project]: provider, other: 'packages/other' };
    const projects = target in ofRoot ? { release: '.', ...own } : own;
    const context = contextOf(root, { projects, target, after, verbose: false });
    return runHere(executors[target], options, context, rest);
  };
  const through = async (upTo: ChainTarget, options: RunOptions, isByNx: boolean) => {
    const targets = Object.keys(chain) as ChainTarget[];
    for (const [index, target] of targets.entries()) {
      const after = isByNx ? targets.slice(0, index) : [];
      const done = await run(target, { ...options, after });
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
        local: {
          ...environmentIn('.release', { staging: 'throwaway', production: 'throwaway' }),
          ...changes.local,
        },
        production: {
          protected: true,
          ...environmentIn('.release/production', {
            staging: { variable: 'STAGING_KEY', passphraseVariable: 'STAGING_PASSPHRASE' },
            production: { variable: 'PRODUCTION_KEY' },
          }),
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
    release: (upTo, options = {}) => through(upTo, options, false),
    releaseByNx: (upTo, options = {}) => through(upTo, options, true),
    receipt: (target) =>
      read(`dist/release/${target in ofRoot ? 'release' : project}/${target}.json`),
    configure,
  };
}

function environmentIn(folder: string, keys: Readonly<Record<'staging' | 'production', unknown>>) {
  const registry = (name: string, port: number) => ({
    embedded: `${folder}/registries/${name}`,
    port,
    namespace: 'acme',
  });
  const terraform = (role: 'staging' | 'production', host: string) => ({
    host,
    store: `file:${folder}/terraform/${role}`,
    signingKeys: [keys[role]],
  });
  return {
    registries: { staging: registry('staging', 5001), public: registry('public', 5002) },
    base: 'host',
    artifacts: `file:${folder}/artifacts`,
    terraform: {
      staging: terraform('staging', 'tf-staging.example.com'),
      production: terraform('production', 'tf.example.com'),
    },
  };
}
