import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';

import { bundledProgram } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { documentOf, environment, node, program, run, shell, start } from './program.js';
import { prints, withSops } from './sops.js';

const secret = 'correct horse battery staple';
const input = documentOf({ TOKEN: secret, SHORT: 'abc', BUCKET: 'terraform-releases' });
const options = { input: documentOf({ TOKEN: secret }) };

test('secrets are masked on both streams, and what is asked to be shown is not', async () => {
  const line = 'echo "out $TOKEN $BUCKET"; echo "err $TOKEN $BUCKET" >&2';
  const shown = await run(['--show', 'BUCKET,SHORT', ...shell(line)], { input });
  expect(shown).toMatchObject({
    stdout: 'out *** terraform-releases\n',
    stderr: 'err *** terraform-releases\n',
  });
  const masked = await run(['--only', 'TOKEN,BUCKET', ...shell(line)], { input });
  expect(masked).toMatchObject({ stdout: 'out *** ***\n', stderr: 'err *** ***\n' });
});

test('a secret that is too short to be masked is named, unless it is shown', async () => {
  const { stdout, stderr } = await run(['--only', 'SHORT', ...shell('echo $SHORT')], { input });
  expect(stdout).toBe('abc\n');
  expect(stderr).toBe('with-secrets: too short to be masked: SHORT; --show says that you know\n');
});

test('nothing has to be masked of a secret that is empty', async () => {
  const nothing = documentOf({ EMPTY: '', BLANK: '  ' });
  expect(await run(shell('true'), { input: nothing })).toMatchObject({ exitCode: 0, stderr: '' });
});

test('--no-mask leaves the output alone', async () => {
  const args = ['--no-mask', ...shell('echo "$TOKEN${WITH_SECRETS_SOCKET:+ and a socket}"')];
  expect(await run(args, options)).toMatchObject({ stdout: `${secret}\n` });
});

test('ten thousand lines at once arrive complete and in order, each masked', async () => {
  const source = `
    const lines = Array.from({ length: 10_000 }, (_, number) => number + ' ' + process.env.TOKEN);
    process.stdout.write(lines.join('\\n') + '\\n');
  `;
  const { stdout, exitCode } = await run(node(source), options);
  expect(exitCode).toBe(0);
  const lines = Array.from({ length: 10_000 }, (_, number) => `${number} ***\n`);
  expect(stdout === lines.join('')).toBe(true);
});

test('a secret that is written in two pieces is masked', async () => {
  const source = `
    const { TOKEN } = process.env;
    process.stdout.write('it is ' + TOKEN.slice(0, 9), () => console.error('half'));
    process.stdin.once('data', () => {
      process.stdout.write(TOKEN.slice(9) + '.\\n');
      process.stdin.destroy();
    });
  `;
  const env = await withSops(...prints(options.input));
  const command = start(['--sops', 'secrets.yaml', ...node(source)], { env });
  let stdout = '';
  command.process.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  command.process.stderr.once('data', () => command.process.stdin.end('go on'));
  expect(await command.ending()).toBe(0);
  await expect.poll(() => stdout).toBe('it is ***.\n');
});

test('what waits for an answer shows its question at once', async () => {
  const env = await withSops(...prints(options.input));
  const ask = shell('printf "code: "; read -r code; echo "got $code"');
  const command = start(['--sops', 'secrets.yaml', ...ask], { env });
  command.process.stdout.once('data', () => command.process.stdin.end('123456\n'));
  expect(await command.rest()).toEqual(['code: got 123456']);
});

test('a script can write to /dev/stdout and /dev/stderr', async () => {
  const line = 'echo "$TOKEN" > /dev/stdout; echo "$TOKEN" | tee /dev/stderr';
  expect(await run(shell(line), options)).toEqual({
    ...{ exitCode: 0, signal: null },
    ...{ stdout: '***\n***\n', stderr: '***\n' },
  });
});

test('an output that cannot be written is a complaint, and the command ends as it does', async () => {
  const inner = `"${process.execPath}" "${program}" -- sh -c 'echo line; exit 3' > /dev/full`;
  const sh = execFile('sh', ['-c', inner], { env: environment() });
  sh.stdin?.end(options.input);
  const stderr = text(sh.stderr!);
  expect(await once(sh, 'exit')).toEqual([3, null]);
  expect(await stderr).toMatch(/^with-secrets: the output is lost: ENOSPC/);
});

test('one with-secrets can run another, whose secrets are masked by both', async () => {
  const inner = `printf '%s' "$INNER" | "${process.execPath}" "${program}" -- sh -c 'echo $TOKEN $LATER'`;
  const input = documentOf({
    TOKEN: secret,
    INNER: documentOf({ LATER: 'a secret of the inner one' }),
  });
  const { stdout, stderr } = await run(shell(inner), { input });
  expect({ stdout, stderr }).toEqual({ stdout: '*** ***\n', stderr: '' });
});

describe('A secret that arises later', () => {
  /** As a release step announces one. */
  const announcing = async (source: string) => {
    const library = await bundledProgram(
      new URL('../../../packages/secrets/src/index.ts', import.meta.url),
    );
    const imports = `import { announceSecrets, Secret } from '${pathToFileURL(library).href}';`;
    return ['--', process.execPath, '--input-type=module', '-e', imports + source];
  };

  test('is masked once it is announced', async () => {
    const source = `
      const token = 'session-token-of-' + 'an-hour';
      console.log('before', token);
      await announceSecrets(process.env.WITH_SECRETS_SOCKET, [new Secret(token), new Secret('ab')]);
      console.log('after', token, Buffer.from(token).toString('hex'));
    `;
    expect(await run(await announcing(source), options)).toMatchObject({
      stdout: 'before session-token-of-an-hour\nafter *** ***\n',
      stderr: '',
    });
  });
});
