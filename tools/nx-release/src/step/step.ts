import { join } from 'node:path';

import type { ExecutorContext } from '@nx/devkit';
import {
  loadPlugin,
  loadReleaseConfig,
  pluginFile,
  refuseClashes,
  selectVersion,
  type Environment,
  type ImagePlugin,
  type Plugin,
  type ProviderPlugin,
  type ReleaseConfig,
  type Selection,
} from '@teleport-plugins/release';
import type { Shell } from 'zx/core';

import { StepError } from '../error.js';
import type { Host } from '../host.js';
import { programsIn } from '../programs.js';
import { isDryRun, type DryRunOptions } from './dry-run.js';
import { pluginsOf } from './plugins.js';

/** What can be said to every release target: each hands it on to the one before it. */
export interface StepOptions extends DryRunOptions {
  readonly environment?: string;
  /** Another version than the working tree's. */
  readonly version?: string;
  /** The same, as a release tag. */
  readonly tag?: string;
  /** Of the multi-factor device that a role or a profile asks for. */
  readonly mfaCode?: string | number;
  readonly allowDirty?: boolean;
  readonly allowShallow?: boolean;
  readonly allowUntagged?: boolean;
  readonly allowTagMismatch?: boolean;
  readonly allowHostBase?: boolean;
}

/** A release step of one plugin, about to be planned. */
export interface Step<P extends Plugin = ImagePlugin> {
  /** The target in Nx: `promote-public`. */
  readonly target: string;
  /** The project in Nx: `plugin-email`. */
  readonly project: string;
  readonly plugin: P;
  readonly selection: Selection;
  readonly options: StepOptions;
  /** Whether to stop when the plan is shown. */
  readonly dryRun: boolean;
  readonly startedAt: Date;
  readonly workspaceRoot: string;
  readonly host: Host;
  /** Runs programs in the root of the workspace. */
  readonly run: Shell;
  readonly context: ExecutorContext;
}

/** A step that goes to the registries and stores of an environment. */
export interface EnvironmentStep<P extends Plugin = ImagePlugin> extends Step<P> {
  readonly config: ReleaseConfig;
  readonly environment: Environment;
}

/** A step of a plugin of any kind. */
export type AnyStep = EnvironmentStep<Plugin>;

/** A step of a Terraform provider. */
export type ProviderStep = EnvironmentStep<ProviderPlugin>;

/**
 * Reads what a step of an image is about. Throws what `loadPlugin` and `selectVersion` throw, and StepError
 * `kind-wrong` for a plugin of another kind.
 */
export async function openStep(
  options: StepOptions,
  context: ExecutorContext,
  host: Host,
): Promise<Step> {
  return ofKind(await openAnyStep(options, context, host), 'image');
}

/**
 * The same, with the environment that the options name or the default one. Throws what `loadReleaseConfig`
 * throws, and `plugin-clash` when another plugin would release to the same place.
 */
export async function openEnvironmentStep(
  options: StepOptions,
  context: ExecutorContext,
  host: Host,
): Promise<EnvironmentStep> {
  return inEnvironment(await openStep(options, context, host));
}

/** The same for a Terraform provider. */
export async function openProviderStep(
  options: StepOptions,
  context: ExecutorContext,
  host: Host,
): Promise<ProviderStep> {
  const step = ofKind(await openAnyStep(options, context, host), 'terraform-provider');
  return inEnvironment(step);
}

async function openAnyStep(
  options: StepOptions,
  context: ExecutorContext,
  host: Host,
): Promise<Step<Plugin>> {
  const { projectName: project = '', targetName: target = '', root: workspaceRoot } = context;
  const { root = '' } = context.projectsConfigurations.projects[project] ?? {};
  const plugin = await loadPlugin(workspaceRoot, root);
  return {
    target,
    project,
    plugin,
    selection: selectVersion(options, plugin),
    options,
    dryRun: isDryRun(options, host),
    startedAt: host.now(),
    workspaceRoot,
    host,
    run: programsIn(workspaceRoot, host),
    context,
  };
}

function ofKind<K extends Plugin['kind']>(
  step: Step<Plugin>,
  kind: K,
): Step<Extract<Plugin, { readonly kind: K }>> {
  const { plugin, project, target } = step;
  const isOfKind = (one: Plugin): one is Extract<Plugin, { readonly kind: K }> => one.kind === kind;
  if (isOfKind(plugin)) return { ...step, plugin };
  throw new StepError(
    'kind-wrong',
    `${project} is of the kind "${plugin.kind}", and ${target} is a target of the kind "${kind}"; correct "kind" in ${join(plugin.root, pluginFile)}, or run a target that \`npx nx show project ${project}\` has`,
  );
}

async function inEnvironment<P extends Plugin>(step: Step<P>): Promise<EnvironmentStep<P>> {
  const { context, host, options, plugin, workspaceRoot } = step;
  const others = (await pluginsOf(context)).filter(({ root }) => root !== plugin.root);
  for (const other of others) refuseClashes([plugin, other]);
  const config = await loadReleaseConfig(workspaceRoot, host.env);
  return { ...step, config, environment: config.environment(options.environment) };
}

/** Whether another target of the same project is run by the same command of Nx, before this one. */
export function isRunBefore({ context, project }: Step<Plugin>, target: string): boolean {
  const tasks = Object.values(context.taskGraph?.tasks ?? {});
  return tasks.some((task) => task.target.project === project && task.target.target === target);
}

/**
 * What a step says that builds nothing, because it could only build the working tree's version, or because the
 * steps that come after only show what they may do. `undefined` for one that builds.
 */
export function nothingToBuild({
  project,
  selection,
  plugin,
  options,
}: Step<Plugin>): string | undefined {
  const nothing = `${project} ${selection.version}: nothing to build`;
  if (options.printPolicy === true) return `${nothing} for --print-policy`;
  return selection.isTree ? undefined : `${nothing}, the working tree is ${plugin.version}`;
}
