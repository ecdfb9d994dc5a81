import {
  helperConfigs,
  placesOf,
  planRemoval,
  readRegistrations,
  type FileChange,
  type HelperFiles,
} from '@teleport-plugins/auth';
import { loadReleaseConfig } from '@teleport-plugins/release';

import { describeChanges } from '../../helper/describe.js';
import { findProgram } from '../../helper/program.js';
import { chosenHosts, type HelperOptions } from '../../helper/registrations.js';
import type { Host } from '../../host.js';
import type { Line } from '../../step/show.js';

/** What logout is going to do. */
export interface Logout {
  readonly environment: string;
  readonly hosts: readonly string[];
  readonly files: HelperFiles;
  readonly changes: readonly FileChange[];
  /** The helper, when it is installed and nobody needs it any more. */
  readonly program: string | undefined;
}

/** Reads only. Throws what `planRemoval` throws. */
export async function planLogout(
  workspaceRoot: string,
  options: HelperOptions,
  host: Host,
): Promise<Logout> {
  const { env: variables, homeDirectory, userId } = host;
  const config = await loadReleaseConfig(workspaceRoot, variables);
  const environment = config.environment(options.environment);
  const { registrations } = placesOf({ variables, homeDirectory });
  const known = await readRegistrations(registrations);
  const { registry = 'both' } = options;
  const ofEnvironment = [...known]
    .filter(([, each]) => registry === 'both' && each.environment === environment.name)
    .map(([name]) => name);
  const hosts = [...new Set([...ofEnvironment, ...chosenHosts(environment, options)])];
  const files = {
    registrations,
    configs: await helperConfigs({ variables, homeDirectory, userId }),
  };
  const remaining = [...known.keys()].filter((name) => !hosts.includes(name));
  return {
    environment: environment.name,
    hosts,
    files,
    changes: await planRemoval(files, hosts),
    program: remaining.length === 0 ? await findProgram(host) : undefined,
  };
}

export function describeLogout({ changes, program }: Logout): readonly Line[] {
  return [
    ...describeChanges(changes),
    ['forget', 'the cached tokens'],
    ...(program === undefined ? [] : [['remove', program] as const]),
  ];
}
