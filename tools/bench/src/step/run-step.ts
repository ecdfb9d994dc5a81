import { run } from '../measure.js';
import type { Written } from '../measurement.js';
import type { Usage } from '../processes.js';
import type { Workspace } from '../workspace.js';
import type { StepInputs } from './steps.js';

/** What a step took, from its call to its end. */
export interface StepRun extends Usage {
  /** In milliseconds. */
  readonly wall: number;
  /** Before that: Node starts, and loads the steps. In milliseconds. */
  readonly start: number;
  /** Of those steps that tell it. */
  readonly written?: Written;
}

/** Runs a step in a process of its own. Its memory is that of the whole process. */
export async function runStep<Name extends keyof StepInputs>(
  { root, env, programs }: Workspace,
  name: Name,
  input: StepInputs[Name],
): Promise<StepRun> {
  const program = process.execPath;
  const args = [programs.steps, name, JSON.stringify(input)];
  const { stdout, wall } = await run({ program, args, cwd: root, env });
  const step = JSON.parse(stdout) as Omit<StepRun, 'start'>;
  return { ...step, start: wall - step.wall };
}
