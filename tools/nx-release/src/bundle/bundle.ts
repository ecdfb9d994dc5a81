import { isBuiltin } from 'node:module';
import { join } from 'node:path';

import { build, type BuildFailure, type Message, type Metafile } from 'esbuild';

import { StepError } from '../error.js';
import { collectLicenses } from './licenses.js';

/** A program in one file, with what has to accompany it. */
export interface Bundle {
  /** An ES module that needs Node and nothing else. */
  readonly program: Uint8Array;
  /** Whose code it holds, under which licences: a text. */
  readonly licenses: Uint8Array;
}

/** The files of a bundle, by their names in its folder and in an image. */
export const bundleFiles = { program: 'main.mjs', licenses: 'LICENSES.txt' } as const;

/**
 * Bundles a plugin's program with everything it imports. The same sources and installed packages give
 * the same bytes on any machine, in any folder: paths in it are relative to the workspace, and no
 * tsconfig.json is read.
 *
 * It is neither minified nor mapped: a stack trace in a plugin's log names functions as they are.
 *
 * @param pluginRoot its folder, relative to the workspace; the program is its `src/main.ts`
 * @param options.without packages that a library looks for at run time, and can do without
 * @returns with what esbuild finds doubtful, for people
 * @throws StepError `bundle-failed`, naming file and line
 */
export async function bundlePlugin(
  workspaceRoot: string,
  pluginRoot: string,
  { without = [] }: { readonly without?: readonly string[] } = {},
): Promise<Bundle & { readonly warnings: readonly string[] }> {
  const entry = join(pluginRoot, 'src', 'main.ts');
  const result = await build({
    absWorkingDir: workspaceRoot,
    entryPoints: [entry],
    outfile: bundleFiles.program,
    write: false,
    metafile: true,
    bundle: true,
    external: [...without],
    platform: 'node',
    target: 'node20.19',
    format: 'esm',
    charset: 'utf8',
    tsconfigRaw: {},
    logLevel: 'silent',
    banner: { js: banner },
  }).catch((failure: unknown) => {
    throw bundleFailed(entry, failure as BuildFailure);
  });
  refuseExternals(entry, result.metafile, without);
  const inputs = usedInputs(result.metafile);
  const [code] = result.outputFiles;
  if (code === undefined) throw new StepError('bundle-failed', `${entry}: esbuild wrote nothing`);
  return {
    program: code.contents,
    licenses: Buffer.from(await collectLicenses(workspaceRoot, inputs)),
    warnings: result.warnings.map(describe),
  };
}

/** CommonJS packages in an ES module call `require` for what is built into Node. */
const banner = `import { createRequire as __createRequire } from 'node:module';
globalThis.require ??= __createRequire(import.meta.url);`;

/** Without those that esbuild has read and left out, because nothing of them is used. */
function usedInputs({ outputs }: Metafile): readonly string[] {
  return Object.values(outputs).flatMap(({ inputs }) =>
    Object.entries(inputs).flatMap(([file, { bytesInOutput }]) =>
      bytesInOutput > 0 ? [file] : [],
    ),
  );
}

/** An image holds one file: what is not in it and not in Node would be missing at run time. */
function refuseExternals(entry: string, metafile: Metafile, without: readonly string[]): void {
  const externals = Object.values(metafile.outputs)
    .flatMap(({ imports }) => imports)
    .filter(
      ({ path, external }) => external === true && !isBuiltin(path) && !without.includes(path),
    );
  if (externals.length === 0) return;
  const names = [...new Set(externals.map(({ path }) => path))].sort();
  throw new StepError(
    'bundle-failed',
    `${entry}: cannot be one file, it leaves ${names.join(', ')} to be found at run time; import it in a way that esbuild can follow, or do without it`,
  );
}

function bundleFailed(entry: string, failure: BuildFailure): StepError {
  // Without errors it is not the sources: esbuild itself could not run.
  const errors = (failure.errors as BuildFailure['errors'] | undefined) ?? [];
  const why = errors.length > 0 ? errors.map(describe).join('\n  ') : failure.message;
  return new StepError('bundle-failed', `${entry} cannot be bundled:\n  ${why}`, {
    cause: failure,
  });
}

/** On one line, with the column from 1 as editors count. */
function describe({ text, location }: Message): string {
  if (location === null) return text;
  return `${location.file}:${location.line}:${location.column + 1}: ${text}`;
}
