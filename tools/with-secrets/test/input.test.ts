import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { documentOf, environment, run, shell, start, type StartOptions } from './program.js';
import { prints, withSops } from './sops.js';

const secret = 'a-canary-that-sings';

/** A run of a command that leaves a file, which must not be there. */
async function refused(args: readonly string[], options: StartOptions) {
  const file = join(await temporaryDirectory(), 'ran');
  const outcome = await run([...args, '--', 'touch', file], options);
  expect(existsSync(file), outcome.stderr).toBe(false);
  expect(outcome).toMatchObject({ exitCode: 125, signal: null, stdout: '' });
  expect(outcome.stderr).not.toContain(secret);
  return outcome.stderr;
}

describe('Nothing is run', () => {
  test.each([
    [
      'nothing',
      '',
      /^with-secrets: there are no secrets on the standard input; see whether `sops -d` failed, or /,
    ],
    ['no mapping', secret, /^with-secrets: /],
    ['an empty one', 'secrets: {}\n', /^with-secrets: /],
    ['a misspelt key', `secrets:\n  A:\n    vaule: ${secret}\n`, /^with-secrets: /],
    [
      'the same key twice',
      documentOf({ A: secret }) + `  A:\n    value: ${secret}\n`,
      /^with-secrets: /,
    ],
    [
      'a document cut off',
      documentOf({ A: secret, B: `${secret}\n` }).slice(0, -4),
      /^with-secrets: /,
    ],
    ['no name of a variable', documentOf({ 'A=B': secret }), /^with-secrets: /],
    ['a loader variable', documentOf({ LD_PRELOAD: secret }), /^with-secrets: LD_PRELOAD: /],
    ['a NUL', documentOf({ A: `${secret}\0` }), /^with-secrets: A holds a NUL/],
    ['a large value', documentOf({ BIG: secret.repeat(10_000) }), /^with-secrets: BIG has 190/],
  ])('with %s on the standard input', async (_, input, message) => {
    expect(await refused([], { input })).toMatch(message);
  });

  test('without a secret that is required, and all that are missing are named', async () => {
    const input = documentOf({ AWS_S3_BUCKET: secret });
    const stderr = await refused(['--require', 'AWS_S3_BUKET', '--require', 'B,C'], { input });
    expect(stderr).toContain('AWS_S3_BUKET is not there (did you mean AWS_S3_BUCKET?)');
    expect(stderr).toMatch(/B is not there.*C is not there/);
  });

  test('when a variable has another value already', async () => {
    const options = { input: documentOf({ TOKEN: secret }), env: environment({ TOKEN: 'mine' }) };
    expect(await refused([], options)).toMatch(/^with-secrets: TOKEN: .*already/);
    const echo = shell('echo "$TOKEN"');
    const keeps = ['--keep-env', '--no-mask', ...echo];
    expect(await run(keeps, options)).toMatchObject({ stdout: 'mine\n' });
    // The caller's own is as secret, and one that is empty is none.
    const kept = { ...options, env: environment({ TOKEN: 'another-canary' }) };
    expect(await run(['--keep-env', ...echo], kept)).toMatchObject({ stdout: '***\n' });
    const empty = { ...options, env: environment({ TOKEN: '' }) };
    expect(await refused(['--keep-env', '--require', 'TOKEN'], empty)).toMatch(
      /^with-secrets: TOKEN: the environment has it empty/,
    );
    const override = ['--override', 'TOKEN', '--no-mask', ...echo];
    expect(await run(override, options)).toMatchObject({ stdout: `${secret}\n` });
  });
});

describe('--sops', () => {
  test('gets the document from `sops -d FILE`, and leaves the standard input to the command', async () => {
    const log = join(await temporaryDirectory(), 'arguments');
    const env = await withSops(`echo "$@" > ${log}`, ...prints(documentOf({ TOKEN: secret })));
    const command = start(
      ['--sops', 'secrets.yaml', '--no-mask', ...shell('read -r line; echo "$line $TOKEN"')],
      { env },
    );
    command.process.stdin.end('from here\n');
    expect(await command.rest()).toEqual([`from here ${secret}`]);
    expect(await readFile(log, 'utf8')).toBe('-d secrets.yaml\n');
  });

  test.each([
    ['fails', ['exit 128'], /secrets\.yaml: `sops -d` failed \(exit code 128\), so nothing is run/],
    [
      'is killed',
      ['kill -s KILL $$'],
      /secrets\.yaml: `sops -d` failed \(SIGKILL\), so nothing is run/,
    ],
    ['writes nothing', ['exit 0'], /secrets\.yaml: `sops -d` wrote nothing, so nothing is run/],
  ])('runs nothing when sops %s, whatever it has written', async (_, last, message) => {
    const writes = last[0] === 'exit 0' ? [] : prints(documentOf({ A: secret }));
    const env = await withSops(...writes, 'echo "sops complains" >&2', ...last);
    const stderr = await refused(['--sops', 'secrets.yaml'], { env });
    expect(stderr).toMatch(/^sops complains\nwith-secrets: /);
    expect(stderr).toMatch(message);
  });

  test('says that there is no sops', async () => {
    const env = { PATH: await temporaryDirectory() };
    expect(await refused(['--sops', 'secrets.yaml'], { env })).toMatch(
      /^with-secrets: sops is not on the PATH; install it .*, or pipe the decrypted document/,
    );
  });
});

test('values arrive byte for byte', async () => {
  const values = {
    PEM: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\nBKcwggSjAgEAAoIBAQ==\n-----END PRIVATE KEY-----\n',
    PGP: '-----BEGIN PGP PRIVATE KEY BLOCK-----\r\n\r\nlQOYBF+abcd\r\n=AbCd\r\n-----END PGP PRIVATE KEY BLOCK-----',
    QUOTES: ` $HOME "quoted" 'single' \\n \`id\` `,
    UNICODE: 'zażółć 🔑\ttab',
    SPACES: '   ',
    NUMBER: '007',
  };
  const names = Object.keys(values);
  const source = `
    const names = ${JSON.stringify(names)};
    // Bytes from one on: neither they nor any encoding of them is masked then.
    console.log(JSON.stringify(names.map((name) => [...Buffer.from(process.env[name])])));
  `;
  const { stdout } = await run(['--', process.execPath, '-e', source], {
    input: documentOf(values),
  });
  const arrived = JSON.parse(stdout) as readonly (readonly number[])[];
  expect(arrived.map((bytes) => Buffer.from(bytes).toString())).toEqual(Object.values(values));
});

describe('What is printed instead', () => {
  const input = documentOf({ TOKEN: secret, BUCKET: 'terraform' });

  test('--list: the names', async () => {
    expect(await run(['--list'], { input })).toEqual({
      ...{ exitCode: 0, signal: null, stderr: '' },
      stdout: 'TOKEN\nBUCKET\n',
    });
    expect(await run(['--list', '--json', '--only', 'BUCKET'], { input })).toMatchObject({
      stdout: '["BUCKET"]\n',
    });
  });

  test('--dry-run: what would be run, with which names', async () => {
    const args = ['--dry-run', '--show', 'BUCKET', '--', 'echo', 'two words', secret];
    expect(await run(args, { input })).toEqual({
      ...{ exitCode: 0, signal: null, stderr: '' },
      stdout: `would run echo 'two words' ***
with 2 secrets in its environment:
  BUCKET  (not masked)
  TOKEN
`,
    });
  });

  test('--dry-run says which variables keep their values', async () => {
    const options = { input, env: environment({ TOKEN: 'mine' }) };
    expect(await run(['--dry-run', '--keep-env', '--', 'deploy'], options)).toMatchObject({
      stdout: `would run deploy
with 2 secrets in its environment:
  BUCKET
  TOKEN  (as the environment has it)
`,
    });
  });

  test('--help', async () => {
    const { exitCode, stdout } = await run(['--help']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^with-secrets \[options\] \[--\] command/);
  });
});
