import { describe, expect, test } from 'vitest';

import { parseRequest } from './request.js';

describe('A command', () => {
  const command = ['nx', 'run', '--only', 'x', '--', '-h'];

  test.each([
    ['behind --', ['--', ...command]],
    ['without --', command],
    ['behind options', ['--only', 'A', ...command]],
    ['behind options with =', ['--only=A', '--no-mask', '--', ...command]],
  ])('%s keeps all its words', (_, args) => {
    expect(parseRequest(args)).toMatchObject({ kind: 'run', command });
  });
});

test('names may be repeated and listed', () => {
  const args = ['--only', 'A,B', '--only=C', '--require', 'A', '--override', 'B', '--show=C', 'x'];
  expect(parseRequest([...args, '--only', 'D'])).toEqual({
    kind: 'run',
    source: { kind: 'standard-input' },
    selection: {
      only: ['A', 'B', 'C'],
      require: ['A'],
      prefix: undefined,
      keepExisting: false,
      override: ['B'],
    },
    shown: ['C'],
    isMasked: true,
    command: ['x', '--only', 'D'],
  });
});

test('names may have blanks around them', () => {
  expect(parseRequest(['--only', 'A, B', '--show= C ', 'x'])).toMatchObject({
    selection: { only: ['A', 'B'] },
    shown: ['C'],
  });
});

test.each([
  [[], 'there is no command to run'],
  [['--'], 'there is no command to run'],
  [['--no-mask'], 'there is no command to run'],
  [['--', ''], 'the command is an empty word'],
  [['--onyl', 'A', 'x'], 'there is no option --onyl (did you mean --only?)'],
  [['--nomask', 'x'], 'there is no option --nomask (did you mean --no-mask?)'],
  [['-x', 'x'], 'there is no option -x'],
  [['--no-mask=yes', 'x'], '--no-mask takes no value'],
  [['--only'], '--only needs a value'],
  [['--only=', 'x'], '--only needs a value'],
  [['--only', '--no-mask', 'x'], '--only needs a value'],
  [['--only', '--', 'x'], '--only needs a value'],
  [['--', '--only', 'A', 'x'], '--only stands where the command is; options stand before the --'],
  [['--', '--', 'x'], '-- stands where the command is; options stand before the --'],
  [['--only', 'A, ,B', 'x'], '--only has an empty name among its names'],
  [['--only', 'A,,B', 'x'], '--only has an empty name among its names'],
  [['--prefix', 'A', '--prefix', 'B', 'x'], '--prefix stands there more than once'],
  [['--json', 'x'], 'only --list prints JSON, so --json means nothing'],
  [['--list', 'x', 'y'], '--list runs nothing, and there is a command, which begins with "x"'],
  [['--list', '--no-mask'], '--list runs nothing, so --no-mask means nothing'],
  [['--no-mask', '--show', 'A', 'x'], '--no-mask shows everything, so --show means nothing'],
])('%j is refused: %s', (args, message) => {
  expect(() => parseRequest(args)).toThrow(
    expect.objectContaining({
      code: 'command-line-invalid',
      message: `${message}; see \`with-secrets --help\``,
    }),
  );
});
