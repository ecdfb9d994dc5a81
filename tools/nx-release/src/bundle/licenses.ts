import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * The licences of a bundle: the workspace's own, then those of each installed package that is in it,
 * with all that the package ships about its terms.
 *
 * @param inputs the bundled files, relative to the workspace
 */
export async function collectLicenses(
  workspaceRoot: string,
  inputs: readonly string[],
): Promise<string> {
  const folders = [...new Set(inputs.flatMap((input) => installedPackage(input) ?? []))];
  const sections = await Promise.all(
    folders.map(async (folder) => {
      const manifest = await readFile(join(workspaceRoot, folder, 'package.json'), 'utf8');
      const { name, version, license } = JSON.parse(manifest) as Readonly<Record<string, unknown>>;
      const title = `${String(name)} ${String(version)} (${licenseName(license)})`;
      const terms = await readTerms(join(workspaceRoot, folder));
      return section(title, terms || 'The package has no licence file.\n');
    }),
  );
  const own = await readTerms(workspaceRoot);
  return [...(own === '' ? [] : [own]), ...sections.sort()].join('\n');
}

/** `node_modules/a/node_modules/@b/c` of a file in it; `undefined` for a file of the workspace. */
function installedPackage(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(input)?.[0];
}

async function readTerms(folder: string): Promise<string> {
  const names = await readdir(folder);
  const terms = names.filter((name) => /^(?:licen[cs]e|copying|notice)(?:[-.].*)?$/i.test(name));
  const texts = await Promise.all(terms.sort().map((name) => readFile(join(folder, name), 'utf8')));
  return texts.map((text) => `${text.replaceAll('\r\n', '\n').trim()}\n`).join('\n');
}

function section(title: string, body: string): string {
  return `${'-'.repeat(78)}\n${title}\n\n${body}`;
}

/** An SPDX expression, or the object that old packages have in its place. */
function licenseName(license: unknown): string {
  if (typeof license === 'string') return license;
  const { type } = (license ?? {}) as { readonly type?: unknown };
  return typeof type === 'string' ? type : 'no licence named';
}
