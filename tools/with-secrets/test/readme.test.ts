import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { usage } from '../src/arguments/usage.js';
import { environment } from './program.js';

const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8');
const programs = join(import.meta.dirname, '../../../node_modules/.bin');

const [decrypted = '', ...sessions] = [...readme.matchAll(/^```console\n(.*?)^```$/gms)].map(
  ([, text = '']) => text,
);
const document = decrypted.slice(decrypted.indexOf('\n') + 1);

const examples = sessions
  .flatMap((session) => session.split(/^\$ /m).slice(1))
  .map((example) => {
    const end = example.indexOf('\n');
    return { line: example.slice(0, end), shown: example.slice(end + 1) };
  });

test('the README shows the options as --help does', () => {
  expect(readme).toContain(`\`\`\`\n${usage}\n\`\`\`\n`);
  expect(examples.length).toBeGreaterThan(4);
});

test.each(examples)('the README shows what happens: $line', async ({ line, shown }) => {
  const folder = await temporaryDirectory();
  await writeFile(join(folder, 'secrets.yaml'), document);
  await writeFile(join(folder, 'sops'), '#!/bin/sh\ncat "$2"\n', { mode: 0o755 });
  const { PATH = '' } = environment();
  const env = environment({ PATH: [folder, programs, PATH].join(delimiter) });
  // npx would look for the workspace from here; what it finds there is on the PATH.
  const script = `npx() { "$@"; }\n${line}\n`;
  const output = await new Promise<string>((resolve) => {
    execFile('sh', ['-c', script], { cwd: folder, env }, (error, stdout, stderr) => {
      const code = error === null ? '' : `[exit code ${String(error.code)}]\n`;
      resolve(stdout + stderr + code);
    });
  });
  expect(output).toBe(shown);
});
