import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';

import { describeWithPeer, findPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { documentOf, environment, program } from './program.js';

const run = promisify(execFile);

/** As a signing key stands in CI's secrets. */
const key = `-----BEGIN PGP PRIVATE KEY BLOCK-----

lQOYBGN0ZXN0AQgAu1Q5o0vQ7m7Z0b6m0c3l3mJk0w9yJr4m2tq1Zs8b3n5v7x9z
=Wq3f
-----END PGP PRIVATE KEY BLOCK-----
`;
const document = documentOf({ PRODUCTION_TERRAFORM_REGISTRY_SIGNING_KEY: key, TOKEN: 'a-token' });

/** Runs a line of a shell. `$run` is with-secrets. */
async function runLine(line: string, variables: Readonly<Record<string, string>>) {
  const sh = spawn('sh', ['-c', line], {
    env: environment({ run: `${process.execPath} ${program}`, ...variables }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(sh.stdout),
    text(sh.stderr),
    once(sh, 'exit') as Promise<[number | null]>,
  ]);
  return { stdout, stderr, exitCode };
}

/** The key as the command has it, in a form that nothing masks: bytes in octal, one a line. */
const dump = `sh -c 'printf %s "$PRODUCTION_TERRAFORM_REGISTRY_SIGNING_KEY" | od -An -v -t o1 -w1'`;

function fromDump(stdout: string): string {
  const bytes = stdout
    .trim()
    .split(/\s+/)
    .map((octal) => parseInt(octal, 8));
  return Buffer.from(bytes).toString();
}

async function ageKey(
  folder: string,
): Promise<{ readonly file: string; readonly recipient: string }> {
  const file = join(folder, 'key.txt');
  await run('age-keygen', ['-o', file]);
  const [, recipient = ''] = /public key: (\S+)/.exec(await readFile(file, 'utf8')) ?? [];
  return { file, recipient };
}

describeWithPeer({ program: 'age', install: 'apt-get install age' }, () => {
  async function encrypted() {
    const folder = await temporaryDirectory();
    const { file, recipient } = await ageKey(folder);
    await writeFile(join(folder, 'plain.yaml'), document);
    const secrets = join(folder, 'secrets.yaml.age');
    await run('age', ['-r', recipient, '-o', secrets, join(folder, 'plain.yaml')]);
    return { key: file, secrets };
  }

  test('a file that age has encrypted is decrypted into the command alone', async () => {
    const line = `age -d -i "$key" "$secrets" | $run --require TOKEN -- ${dump}`;
    const { stdout, stderr, exitCode } = await runLine(line, await encrypted());
    expect({ stderr, exitCode }).toEqual({ stderr: '', exitCode: 0 });
    expect(fromDump(stdout)).toBe(key);
  });

  test('with the wrong key nothing is run', async () => {
    const other = await ageKey(await temporaryDirectory());
    const { secrets } = await encrypted();
    const line = 'age -d -i "$key" "$secrets" | $run -- echo ran';
    const { stdout, stderr, exitCode } = await runLine(line, { key: other.file, secrets });
    expect({ stdout, exitCode }).toEqual({ stdout: '', exitCode: 125 });
    expect(stderr).toContain('with-secrets: there are no secrets on the standard input');
  });
});

// It is in no distribution's packages: where it is installed it is tried, in CI too.
describe('with sops', () => {
  const isThere = [
    findPeer({ program: 'sops', install: 'https://github.com/getsops/sops/releases' }),
    findPeer({ program: 'age-keygen', install: 'apt-get install age' }),
  ].every((path) => path !== undefined);
  const reason = isThere ? '' : ' (skipped: sops and age-keygen are not both installed)';

  test.skipIf(!isThere)(`a file of Drone's is decrypted by sops itself${reason}`, async () => {
    const folder = await temporaryDirectory();
    const { file, recipient } = await ageKey(folder);
    const secrets = join(folder, 'secrets.yaml');
    await writeFile(secrets, document);
    await run('sops', ['--encrypt', '--in-place', '--age', recipient, secrets]);
    expect(await readFile(secrets, 'utf8')).not.toContain('a-token');
    const variables = { secrets, SOPS_AGE_KEY_FILE: file };
    const piped = await runLine(`sops -d "$secrets" | $run -- ${dump}`, variables);
    expect(fromDump(piped.stdout)).toBe(key);
    const asked = await runLine(`$run --sops "$secrets" -- ${dump}`, variables);
    expect(fromDump(asked.stdout)).toBe(key);
    const wrong = await runLine('$run --sops "$secrets" -- echo ran', { secrets });
    expect(wrong).toMatchObject({ stdout: '', exitCode: 125 });
    const still = await runLine('$run -- echo ran < "$secrets"', { secrets });
    expect(still).toMatchObject({ stdout: '', exitCode: 125 });
  });
});
