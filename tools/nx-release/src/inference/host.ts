/**
 * Makes this run of Nx neither read nor write its cache. Apart from the host of the steps, because Nx
 * loads this with every graph.
 */
export function skipNxCache(): void {
  process.env.NX_SKIP_NX_CACHE = 'true';
}

/** Whether the environment asks every step for its plan only. */
export function isDryRun(): boolean {
  return process.env.NX_DRY_RUN === 'true';
}
