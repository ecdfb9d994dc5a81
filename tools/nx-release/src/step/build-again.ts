import { isRunBefore, type AnyStep } from './step.js';

/**
 * How to get what the sources give. Without the cache, which may hold what is wrong; where Nx runs the
 * target that builds before this step, this one has to be run that way, or Nx would take it from there
 * once more.
 */
export function buildAgain(step: AnyStep, builds: 'build-image' | 'build-archives'): string {
  const target = isRunBefore(step, builds) ? step.target : builds;
  return `build it again: npx nx run ${step.project}:${target}:${step.environment.name} --skip-nx-cache`;
}
