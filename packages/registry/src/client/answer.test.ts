import fc from 'fast-check';
import { expect, test } from 'vitest';

import { printable, readComplaint } from './answer.js';

test.each([
  [
    'the form of the specification',
    '{"errors":[{"code":"DENIED","message":"no","detail":{}},{"code":"UNAUTHORIZED"}]}',
    ['DENIED', 'UNAUTHORIZED'],
    'DENIED: no, UNAUTHORIZED',
  ],
  [
    'OAuth 2',
    '{"error":"invalid_grant","error_description":"expired"}',
    [],
    'invalid_grant, expired',
  ],
  [
    'Docker Hub',
    '{"details":"incorrect username or password"}',
    [],
    'incorrect username or password',
  ],
  ['AWS', '{"__type":"X","message":"Rate exceeded"}', [], 'Rate exceeded'],
  ['plain text', '404 page not found\n', [], '404 page not found'],
  ['a web page', '  <html><body>Bad gateway</body></html>', [], 'with a web page'],
  ['nothing', '', [], ''],
  ['a number', '5', [], ''],
  ['null', 'null', [], ''],
  ['errors that are none', '{"errors":[null,5,{"code":7,"message":{}}]}', [], ''],
  ['broken JSON', '{"errors":[', [], '{"errors":['],
])('reads %s', (_name, body, codes, text) => {
  expect(readComplaint(body)).toEqual({ codes, text });
});

test('foreign text becomes one line of bounded length that moves no cursor', () => {
  expect(printable('a\u001b[31mb\r\nc\u202ed\u0000e')).toBe('a [31mb c d e');
  expect(printable('x'.repeat(10_000))).toHaveLength(301);
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(readComplaint(text).text).not.toMatch(/\p{Cc}/u);
    }),
  );
});
