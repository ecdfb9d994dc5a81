/**
 * The sources in some folders, for git: without tests and documentation, which are in no bundle. The
 * named input `production` of nx.json leaves out the same files, so that what releases nothing changes no
 * revision either.
 */
export function sourcePathspecs(folders: readonly string[]): readonly string[] {
  return [...folders, ...notSources.map((pattern) => `:(exclude,glob)**/${pattern}`)];
}

/** What is not a source, below any folder. */
export const notSources = ['*.md', '*.test.ts', 'test/**', 'tsconfig.json'] as const;
