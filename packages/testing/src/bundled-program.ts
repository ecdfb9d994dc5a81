import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const programs = new Map<string, Promise<string>>();

/**
 * A program of a test as one JavaScript file, for processes of its own: to load it from its sources costs each of
 * them more than what it is for. Kept as long as the process of the tests lives.
 */
export function bundledProgram(source: URL): Promise<string> {
  const file = fileURLToPath(source);
  const program = programs.get(file) ?? bundled(file);
  programs.set(file, program);
  return program;
}

async function bundled(file: string): Promise<string> {
  const { build } = await import('esbuild');
  const folder = mkdtempSync(join(tmpdir(), 'teleport-plugins-program-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  // What is not a module yet looks for others with `require`.
  const banner = `import { createRequire as requireFrom } from 'node:module';
const require = requireFrom(import.meta.url);`;
  await build({
    ...{ entryPoints: [file], outdir: folder, outExtension: { '.js': '.mjs' } },
    ...{ bundle: true, splitting: true, platform: 'node', format: 'esm', target: 'node20' },
    mainFields: ['module', 'main'],
    external: ['kerberos'],
    ...{ banner: { js: banner }, logLevel: 'silent' },
  });
  return join(folder, basename(file).replace(/\.ts$/, '.mjs'));
}
