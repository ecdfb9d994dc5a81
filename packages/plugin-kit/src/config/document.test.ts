import fc from 'fast-check';
import { expect, test } from 'vitest';

import { PluginError } from '../error.js';
import { parseDocument } from './document.js';

const text = `# a comment
title = "x"

[smtp]
host = "mail" # here
ports = [
  1,
  2,
]
note = """
[server]
listen = 1
"""

[role_to_recipients]
"dev ops" = ["a", "b"]
'*' = "root"
`;

test.each([
  [['title'], 2],
  [['smtp'], 4],
  [['smtp', 'host'], 5],
  [['smtp', 'ports'], 6],
  [['smtp', 'note'], 10],
  [['role_to_recipients', 'dev ops'], 16],
  [['role_to_recipients', '*'], 17],
  [['smtp', 'user'], 4],
  [['server', 'listen'], 1],
])('the value at %j starts at line %i', (path, line) => {
  expect(parseDocument('x.toml', text).lineOf(path)).toBe(line);
});

test('a syntax error names the file, the line and the column, and quotes nothing', () => {
  expect(() => parseDocument('x.toml', 'a = 1\npassword = hunter2\n')).toThrow(
    new PluginError('config-invalid', 'x.toml:2:12: Invalid TOML document: invalid value'),
  );
});

test('any text is a document or a PluginError', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: fc.constantFrom(...'ab=[]{}".\'\n #1,\\'.split('')), maxLength: 60 }),
      (any) => {
        try {
          parseDocument('x.toml', any).lineOf(['a', 'b']);
        } catch (error) {
          expect(error).toMatchObject({ name: 'PluginError', code: 'config-invalid' });
        }
      },
    ),
  );
});
