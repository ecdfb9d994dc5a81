import {
  helperConfigs,
  placesOf,
  planSetUp,
  type FileChange,
  type HelperFiles,
  type WantedRegistrations,
} from '@teleport-plugins/auth';
import {
  loadReleaseConfig,
  type Environment,
  type RegistryAccess,
} from '@teleport-plugins/release';

import { describeChanges } from '../../helper/describe.js';
import { planProgram, type HelperProgram } from '../../helper/program.js';
import { registrationsOf, type HelperOptions } from '../../helper/registrations.js';
import type { Host } from '../../host.js';
import type { Line } from '../../step/show.js';

export interface LoginOptions extends HelperOptions {
  /** Default: read. */
  readonly access?: RegistryAccess;
  /** Of the multi-factor device that the role or the profile asks for. */
  readonly mfaCode?: string | number;
}

/** What login is going to do. */
export interface Login {
  readonly environment: Environment;
  readonly access: RegistryAccess;
  readonly registrations: WantedRegistrations;
  /** What it is not for, for people. */
  readonly left: readonly string[];
  readonly program: HelperProgram;
  readonly files: HelperFiles;
  readonly changes: readonly FileChange[];
}

/** Reads only. Throws what `registrationsOf`, `planProgram` and `planSetUp` throw. */
export async function planLogin(
  workspaceRoot: string,
  options: LoginOptions,
  host: Host,
): Promise<Login> {
  const { access = 'read' } = options;
  const { env: variables, homeDirectory, userId } = host;
  const config = await loadReleaseConfig(workspaceRoot, variables);
  const environment = config.environment(options.environment);
  const { registrations, left } = registrationsOf(environment, options, access, host);
  const files = {
    registrations: placesOf({ variables, homeDirectory }).registrations,
    configs: await helperConfigs({ variables, homeDirectory, userId }),
  };
  return {
    environment,
    access,
    registrations,
    left,
    program: await planProgram(host),
    files,
    changes: await planSetUp(files, registrations),
  };
}

export function describeLogin({ registrations, program, changes }: Login): readonly Line[] {
  const [first] = registrations.values();
  return [
    ['as', first?.role?.arn ?? 'whoever the AWS credentials are of'],
    ...(program.isCurrent ? [] : [['install', program.command] as const]),
    ...describeChanges(changes),
  ];
}
