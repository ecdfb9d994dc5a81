import { execFileSync } from 'node:child_process';
import { escape } from 'node:querystring';
import { inspect } from 'node:util';

import { describeWithPeer } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Secret } from '../secret.js';
import { formsOf } from './forms.js';
import { redactor } from './redactor.js';

function redact(secret: string, text: string): string {
  const masks = redactor();
  masks.add(new Secret(secret));
  return masks.redact(text);
}

const awkward = `it's a "pass" & <word>, 100% \\ $HOME/\`x\` é~*+=;`;

describe('A secret is masked', () => {
  test.each([
    ['in JSON', JSON.stringify({ a: awkward }), '{"a":"***"}'],
    [
      'in the JSON of Go',
      `{"a":"${JSON.stringify(awkward).slice(1, -1).replace('&', '\\u0026').replace('<', '\\u003c').replace('>', '\\u003e')}"}`,
      '{"a":"***"}',
    ],
    [
      'in the JSON of Python',
      `{"a":"${JSON.stringify(awkward).slice(1, -1).replace('é', '\\u00e9')}"}`,
      '{"a":"***"}',
    ],
    ['in a query', `?a=${encodeURIComponent(awkward)}&b`, '?a=***&b'],
    [
      'in a query with lower case digits',
      `?a=${encodeURIComponent(awkward).replace(/%../g, (digits) => digits.toLowerCase())}&b`,
      '?a=***&b',
    ],
    ['in a form', new URLSearchParams({ a: awkward }).toString(), 'a=***'],
    ['as Node escapes it', `a=${escape(awkward)}`, 'a=***'],
    ['in an address', `https://host/${encodeURI(awkward)}`, 'https://host/***'],
    [
      'in markup',
      `<a>${awkward.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')}</a>`,
      '<a>***</a>',
    ],
    [
      'as Node inspects a string with one kind of quotes',
      inspect({ a: 'x"y\\z' }),
      `{ a: '***' }`,
      'x"y\\z',
    ],
    [
      'as Node inspects a string with the other',
      inspect({ a: "it's\\" }),
      `{ a: "***" }`,
      "it's\\",
    ],
    ['between single quotes in YAML', `a: '${awkward.replaceAll("'", "''")}'`, "a: '***'"],
  ])('%s', (_where, text, expected, secret = awkward) => {
    expect(redact(secret, text)).toBe(expected);
  });

  test('in several lines, in each of these ways', () => {
    const secret = 'first "line"\nsecond line';
    expect(redact(secret, JSON.stringify(secret))).toBe('"***"');
    expect(redact(secret, encodeURIComponent(secret.replace('\n', '\r\n')))).toBe('***');
    expect(redact(secret, secret)).toBe('***\n***');
  });

  test('when some lines are too short to be masked by themselves, if the whole is not long', () => {
    expect(redact('ab\ncd\nef', 'ab\ncd\nef, ab\r\ncd\r\nef')).toBe(
      '***\n***\n***, ***\r\n***\r\n***',
    );
  });
});

test('the forms of a secret hold it as a form is sent', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', minLength: 4, maxLength: 40 }), (text) => {
      const secret = text.trim();
      fc.pre(secret.length >= 4 && !/[\r\n]/.test(secret));
      const sent = new URLSearchParams([['', secret]]).toString().slice(1);
      expect([...formsOf(secret)].map((form) => form.text)).toContain(sent);
    }),
  );
});

describe('A secret within something that is encoded is masked', () => {
  const parts = fc.record({
    before: fc.uint8Array({ maxLength: 40 }),
    secret: fc
      .string({ minLength: 4, maxLength: 120 })
      .filter((text) => text.trim() === text && text.length >= 4),
    after: fc.uint8Array({ maxLength: 40 }),
  });

  test.each(['base64', 'base64url'] as const)(
    'in %s, with all characters that it determines',
    (encoding) => {
      fc.assert(
        fc.property(parts, ({ before, secret, after }) => {
          const bytes = Buffer.concat([before, Buffer.from(secret), after]);
          const encoded = bytes.toString(encoding);
          const start = Math.ceil((before.length * 8) / 6);
          const end = Math.floor(((bytes.length - after.length) * 8) / 6);
          const masked = redact(secret, encoded);
          // What is around it may happen to look like the secret, too.
          expect(masked.startsWith(encoded.slice(0, start)) || masked.length < encoded.length).toBe(
            true,
          );
          expect(masked).not.toContain(encoded.slice(start, end));
          expect(masked).toContain('***');
        }),
      );
    },
  );

  test.each([
    ['lower', (text: string) => text],
    ['upper', (text: string) => text.toUpperCase()],
  ])('in hexadecimal digits of %s case', (_case, inCase) => {
    fc.assert(
      fc.property(parts, ({ before, secret, after }) => {
        const [start, middle, end] = [before, Buffer.from(secret), after].map((bytes) =>
          inCase(Buffer.from(bytes).toString('hex')),
        );
        expect(redact(secret, `${start}${middle}${end}`)).toContain('***');
        expect(redact(secret, `${start}${middle}${end}`)).not.toContain(middle);
      }),
    );
  });

  test.each([
    ['base64', 64],
    ['base64', 76],
    ['hex', 60],
  ] as const)('in %s in lines of %i characters, to its end', (encoding, columns) => {
    for (let length = 40; length < 140; length++) {
      const secret = Array.from({ length }, (_, at) =>
        String.fromCharCode(33 + ((at * at * 7 + at * 11) % 90)),
      ).join('');
      for (const end of ['\n', '\r\n']) {
        const lines =
          Buffer.from(secret)
            .toString(encoding)
            .match(new RegExp(`.{1,${columns}}`, 'g')) ?? [];
        const masked = redact(secret, lines.join(end));
        // The last character may be half determined, and `=` says nothing.
        expect(masked.split(end)).toHaveLength(lines.length);
        expect(
          masked.replaceAll('***', '').replaceAll(end, '').replaceAll('=', '').length,
        ).toBeLessThanOrEqual(1);
      }
    }
  });
});

describeWithPeer({ program: 'bash', install: 'apt-get install bash' }, (bash) => {
  const shell = (script: string, secret: string) =>
    execFileSync(bash, ['--norc', '-c', `{ ${script}; } 2>&1`], {
      env: { SECRET: secret, LC_ALL: 'C.UTF-8' },
    }).toString();

  test.each([
    ['printf %q', `printf '%q\\n' "$SECRET"`],
    ['a trace', `set -x; : "$SECRET"`],
    ['declare -p', 'declare -p SECRET'],
    ['${SECRET@Q}', 'echo "${SECRET@Q}"'],
  ])('a secret is masked in what bash writes with %s', (_what, script) => {
    for (const secret of [
      awkward,
      'plain-word',
      "it's",
      'two words',
      '$(x) `y` "z"',
      'tab\there',
    ]) {
      const output = shell(script, secret);
      expect(output).not.toBe('');
      expect(redact(secret, output)).toContain('***');
    }
  });
});
