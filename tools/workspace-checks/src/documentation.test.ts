import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { files, read, workspaceRoot } from './workspace.js';

describe.each(files('*.md', '**/*.md'))('%s', (file) => {
  test('links only to files and headings that exist', () => {
    const broken = links(read(file)).filter((link) => !resolves(file, link));
    expect(broken).toEqual([]);
  });
});

test('the README starts with the two commands that CI runs', () => {
  const [first] = /```sh\n([^`]*)```/.exec(read('README.md'))?.slice(1) ?? [];
  expect(first?.trim().split('\n')).toEqual([
    expect.stringContaining('npm ci && npx nx run plugin-email:promote-public'),
    expect.stringContaining('npm ci && npm test'),
  ]);
  const ci = read('.ci/run');
  expect(ci).toContain('npx nx run plugin-email:promote-public');
  expect(ci).toContain('npm test');
});

test('every decision record has a number of its own, a status and a context', () => {
  const records = files('docs/decisions/*.md').filter((file) => !file.endsWith('README.md'));
  const numbers = records.map((file) => /\/(\d{4})-[a-z0-9-]+\.md$/.exec(file)?.[1]);
  expect(numbers).toEqual(records.map((_, index) => String(index + 1).padStart(4, '0')));
  for (const record of records) expect(read(record)).toMatch(/^# .+\n\n(?:.|\n)*## Decision\n/);
});

test('the table of the secrets of CI has the variables of release.config.json, each at its setting', () => {
  const [table = ''] =
    /\| variable .*\n(?:\|.*\n)+/.exec(
      read('docs/runbooks/release.md').split('## The secrets of CI')[1] ?? '',
    ) ?? [];
  const rows = table.split('\n').slice(2, -1);
  const documented = rows.flatMap((row) => {
    const [, names = '', setting = ''] = row.split('|');
    return codes(names).map((name) => [name, ...codes(setting)].join(' '));
  });
  const { environments } = JSON.parse(read('release.config.json')) as {
    readonly environments: { readonly production: object };
  };
  const used = variablesIn(environments.production, []).map(({ name, path }) => {
    const depth = path[1] === 'accessKeys' && path[2] !== 'terraform' ? 3 : 4;
    return [name, path.slice(0, path[1] === 'accessKeys' ? depth : 3).join('.')].join(' ');
  });
  expect(documented.sort()).toEqual(used.sort());
});

function codes(text: string): readonly string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, code = '']) => code);
}

/** Names in keys such as `idVariable`, and in values as `${NAME}`. */
function variablesIn(
  value: unknown,
  path: readonly string[],
): readonly { readonly name: string; readonly path: readonly string[] }[] {
  if (typeof value === 'string') {
    const names = /[vV]ariable$/.test(path.at(-1) ?? '')
      ? [value]
      : [...value.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
    return names.map((name) => ({ name, path }));
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => variablesIn(inner, [...path, key]));
}

function links(markdown: string): readonly string[] {
  const prose = markdown.replaceAll(/```[^]*?```|`[^`\n]*`/g, '');
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? '');
}

function resolves(file: string, link: string): boolean {
  if (/^[a-z]+:/.test(link)) return true;
  const [path = '', fragment] = link.split('#');
  const target = path === '' ? file : join(dirname(file), path);
  if (!existsSync(join(workspaceRoot, target))) return false;
  return fragment === undefined || headings(read(target)).includes(fragment);
}

/** The anchors that GitHub gives to headings. */
function headings(markdown: string): readonly string[] {
  return [...markdown.matchAll(/^#+ (.+)$/gm)].map((match) =>
    (match[1] ?? '')
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}
