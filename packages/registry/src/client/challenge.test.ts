import fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseChallenges } from './challenge.js';

test.each([
  ['Basic realm="Registry"', [['basic', { realm: 'Registry' }]]],
  [
    'Bearer realm="https://auth.docker.io/token",service="registry.docker.io",scope="repository:a/b:pull,push"',
    [
      [
        'bearer',
        {
          realm: 'https://auth.docker.io/token',
          service: 'registry.docker.io',
          scope: 'repository:a/b:pull,push',
        },
      ],
    ],
  ],
  ['BEARER Realm = "x" , Service=y', [['bearer', { realm: 'x', service: 'y' }]]],
  [
    'Negotiate, Basic realm="a", Bearer realm="b", error="invalid_token"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'a' }],
      ['bearer', { realm: 'b', error: 'invalid_token' }],
    ],
  ],
  [
    'Negotiate YWJj/+==, Basic realm="a"',
    [
      ['negotiate', {}],
      ['basic', { realm: 'a' }],
    ],
  ],
  [', ,Basic realm="a",,', [['basic', { realm: 'a' }]]],
  [
    'Basic realm="a \\"quoted\\" \\\\ one, really"',
    [['basic', { realm: 'a "quoted" \\ one, really' }]],
  ],
  ['Basic realm="first", realm="second"', [['basic', { realm: 'first' }]]],
  ['Basic realm=""', [['basic', { realm: '' }]]],
  ['Basic', [['basic', {}]]],
  ['', []],
  ['"', []],
  ['Basic realm="unterminated', [['basic', {}]]],
  [
    'Basic realm=, Bearer realm="b"',
    [
      ['basic', {}],
      ['bearer', { realm: 'b' }],
    ],
  ],
])('reads %s', (header, expected) => {
  expect(read([header])).toEqual(expected);
});

test('reads the challenges of several headers', () => {
  expect(read(['Basic realm="a"', 'broken "', 'Bearer realm="b"'])).toEqual([
    ['basic', { realm: 'a' }],
    ['broken', {}],
    ['bearer', { realm: 'b' }],
  ]);
});

test('any text is read to its end without failing', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), looksLikeChallenges()), (header) => {
      for (const { scheme } of parseChallenges([header])) expect(scheme).toBe(scheme.toLowerCase());
    }),
    { numRuns: 500 },
  );
});

test('challenges that are written are read again', () => {
  const token = fc.stringMatching(/^[a-z][a-z0-9._~+-]{0,10}$/);
  const challenge = fc.tuple(
    token,
    fc.dictionary(token, fc.string({ unit: 'binary-ascii' }), { minKeys: 1 }),
  );
  fc.assert(
    fc.property(fc.array(challenge, { minLength: 1, maxLength: 4 }), (challenges) => {
      const header = challenges
        .map(([scheme, parameters]) => {
          const written = Object.entries(parameters).map(
            ([name, value]) => `${name}=${quote(value)}`,
          );
          return `${scheme} ${written.join(', ')}`;
        })
        .join(', ');
      expect(read([header])).toEqual(
        challenges.map(([scheme, parameters]) => [scheme, { ...parameters }]),
      );
    }),
  );
});

test('a long header is read in a time that grows with its length', () => {
  const long = 'Basic '.repeat(50_000) + '"'.repeat(50_000) + '\\'.repeat(50_000);
  expect(parseChallenges([long, `a ${'a='.repeat(100_000)}`, ' ,'.repeat(100_000)])).toHaveLength(
    2,
  );
});

function read(headers: readonly string[]): unknown {
  return parseChallenges(headers).map(({ scheme, parameters }) => [
    scheme,
    Object.fromEntries(parameters),
  ]);
}

function quote(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`;
}

/** Texts made of the pieces that matter to the parser. */
function looksLikeChallenges() {
  const piece = fc.constantFrom(
    'Basic',
    'Bearer',
    ' ',
    ',',
    '=',
    '"',
    '\\',
    'realm',
    'a',
    '\t',
    '==',
    ';',
  );
  return fc.array(piece, { maxLength: 40 }).map((pieces) => pieces.join(''));
}
