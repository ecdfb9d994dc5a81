import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { documentOf, environment, program } from './program.js';

describeWithPeer({ program: 'python3', install: 'apt-get install python3' }, (python) => {
  /** Runs a line of shell on a terminal. `$run` is with-secrets, and `$document` a file of secrets. */
  async function onTerminal(line: string, variables: Readonly<Record<string, string>> = {}) {
    const document = join(await temporaryDirectory(), 'secrets.yaml');
    await writeFile(document, documentOf({ TOKEN: 'correct horse battery' }));
    const env = environment({
      TERM: 'xterm-256color',
      run: `${process.execPath} ${program}`,
      document,
      ...variables,
    });
    const terminal = spawn(
      python,
      [join(import.meta.dirname, 'on-terminal.py'), 'sh', '-c', line],
      {
        env,
        stdio: ['pipe', 'pipe', 'inherit'],
      },
    );
    onTestFinished(() => void terminal.kill('SIGKILL'));
    const ended = once(terminal, 'exit') as Promise<[number | null]>;
    const lines = createInterface({ input: terminal.stdout })[Symbol.asyncIterator]();
    return {
      type: (text: string) => void terminal.stdin.write(text),
      /** What is shown in the next line. */
      line: async () => {
        const next = await lines.next();
        return next.done === true ? undefined : next.value;
      },
      /** Ends the terminal, as closing its window does. */
      close: () => void terminal.kill('SIGKILL'),
      exitCode: async () => (await ended)[0],
    };
  }

  test('the command is answered from the terminal, when its secrets came on the standard input', async () => {
    const terminal = await onTerminal(
      `cat $document | $run -- sh -c 'echo ready; read -r code; echo "got $code, $TOKEN"'`,
    );
    expect(await terminal.line()).toBe('ready');
    terminal.type('123456\n');
    // As it is typed, and as it is used.
    expect(await terminal.line()).toBe('123456');
    expect(await terminal.line()).toBe('got 123456, ***');
    expect(await terminal.exitCode()).toBe(0);
  });

  test('Ctrl-C reaches the command, and with-secrets waits for it', async () => {
    const traps = `trap "echo stopping; exit 5" INT; echo ready; while :; do sleep 0.01; done`;
    const terminal = await onTerminal(`trap : INT; cat $document | $run -- sh -c '${traps}'`);
    expect(await terminal.line()).toBe('ready');
    terminal.type('\u0003');
    expect(await terminal.line()).toBe('^Cstopping');
    expect(await terminal.exitCode()).toBe(5);
  });

  test('closing the terminal hangs up on the command', async () => {
    const file = join(await temporaryDirectory(), 'said');
    const traps = `trap "echo hung up > ${file}; exit" HUP; echo ready; while :; do sleep 0.01; done`;
    const terminal = await onTerminal(`cat $document | $run -- sh -c '${traps}'`);
    expect(await terminal.line()).toBe('ready');
    terminal.close();
    await expect.poll(() => readFile(file, 'utf8').catch(() => ''), slow).toBe('hung up\n');
  });

  const tells = `'echo "\${FORCE_COLOR-none} \${CLICOLOR_FORCE-none} \${COLUMNS-none}x\${LINES-none}"'`;

  test.each([
    ['colours and its size', {}, '', '2 1 100x30'],
    ['all of its colours', { COLORTERM: 'truecolor' }, '', '3 1 100x30'],
    ['no colours, where it has none', { TERM: 'dumb' }, '', 'none none 100x30'],
    ['no colours, where the caller wants none', { NO_COLOR: '1' }, '', 'none none 100x30'],
    ['what the caller has said of them', { FORCE_COLOR: '0', COLUMNS: '7' }, '', '0 none 7x30'],
    ['nothing, when the errors go elsewhere', {}, '2>/dev/null', 'none none nonexnone'],
    ['nothing without masks: it sees for itself', {}, '--no-mask', 'none none nonexnone'],
  ])('the command is told of the terminal: %s', async (_, variables, more, expected) => {
    const [option, redirection] = more.startsWith('-') ? [more, ''] : ['', more];
    const line = `cat $document | $run ${option} -- sh -c ${tells} ${redirection}`;
    const terminal = await onTerminal(line, variables);
    expect(await terminal.line()).toBe(expected);
  });

  test('where the output goes elsewhere, the command is told of no terminal', async () => {
    const terminal = await onTerminal(`cat $document | $run -- sh -c ${tells} | cat`);
    expect(await terminal.line()).toBe('none none nonexnone');
  });

  test('without masks the command writes to the terminal itself', async () => {
    const terminal = await onTerminal(
      `cat $document | $run --no-mask -- sh -c '[ -t 1 ] && [ -t 2 ] && echo yes'`,
    );
    expect(await terminal.line()).toBe('yes');
  });

  test('a job in the background takes nothing of what is typed', async () => {
    const terminal = await onTerminal(
      `set -m; cat $document | $run -- sh -c '[ -t 0 ] || echo no terminal' & wait`,
    );
    expect(await terminal.line()).toBe('no terminal');
  });

  test('secrets are not typed', async () => {
    const terminal = await onTerminal('$run -- echo ran');
    expect(await terminal.line()).toMatch(
      /^with-secrets: the standard input is the terminal; pipe /,
    );
    expect(await terminal.exitCode()).toBe(125);
  });
});

/** For what nobody tells the test. */
const slow = { timeout: 60_000 };
