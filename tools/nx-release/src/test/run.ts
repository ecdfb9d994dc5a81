import type { ExecutorContext, TaskGraph } from '@nx/devkit';

import type { Host } from '../host.js';
import { testHost, type TestHostOptions } from './host.js';

/** How a target ended, and what it printed. */
export interface Run {
  readonly success: boolean;
  readonly printed: string;
  readonly errors: string;
  readonly statuses: readonly string[];
  /** The secrets that were to be masked from some moment on. */
  readonly announced: ReadonlySet<string>;
}

type Executor<Options> = (
  options: Options,
  context: ExecutorContext,
  host: Host,
) => Promise<{ readonly success: boolean }>;

/** Runs an executor in this process. */
export async function runHere<Options extends object>(
  executor: Executor<Options>,
  options: Options,
  context: ExecutorContext,
  hostOptions: TestHostOptions,
): Promise<Run> {
  const host = testHost(hostOptions);
  const { success } = await executor(options, context, host);
  return {
    success,
    printed: host.printed.join('\n'),
    errors: host.errors.join('\n'),
    statuses: host.statuses,
    announced: host.announced,
  };
}

interface Running {
  /** The folders of projects; the first one is run. */
  readonly projects: Readonly<Record<string, string>>;
  readonly target: string;
  /** The targets that Nx runs before this one. */
  readonly after: readonly string[];
  readonly verbose: boolean;
}

export function contextOf(
  root: string,
  { projects, target, after, verbose }: Running,
): ExecutorContext {
  const [project = ''] = Object.keys(projects);
  const tasks = after.map((each) => ({ id: each, target: { project, target: each } }));
  return {
    root,
    cwd: root,
    isVerbose: verbose,
    projectName: project,
    targetName: target,
    projectsConfigurations: {
      version: 2,
      projects: Object.fromEntries(
        Object.entries(projects).map(([name, folder]) => [name, { root: folder }]),
      ),
    },
    nxJsonConfiguration: {},
    projectGraph: { nodes: {}, dependencies: {} },
    taskGraph: { tasks: Object.fromEntries(tasks.map((task) => [task.id, task])) } as TaskGraph,
  };
}
