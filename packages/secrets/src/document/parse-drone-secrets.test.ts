import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { stringify } from 'yaml';

import { SecretsError } from '../error.js';
import { parseDroneSecrets } from './parse-drone-secrets.js';

async function parsed(document: string | Uint8Array): Promise<Record<string, string>> {
  const secrets = await parseDroneSecrets(Buffer.from(document));
  return Object.fromEntries([...secrets].map(([name, secret]) => [name, secret.reveal()]));
}

async function refusal(document: string | Uint8Array): Promise<SecretsError> {
  try {
    await parseDroneSecrets(Buffer.from(document));
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

const key =
  '-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQVYBGnotAKey\n=abcd\n-----END PGP PRIVATE KEY BLOCK-----\n';

describe('A secrets document', () => {
  test('is read as sops writes it, with keys byte for byte', async () => {
    const document = [
      'secrets:',
      '    AWS_S3_BUCKET:',
      '        value: releases-prod',
      '    SIGNING_KEY:',
      '        value: |',
      ...key
        .split('\n')
        .slice(0, -1)
        .map((line) => (line === '' ? '' : `            ${line}`)),
      '    lower_case: {value: "two\\nlines"}',
      '',
    ].join('\n');
    expect(await parsed(document)).toEqual({
      AWS_S3_BUCKET: 'releases-prod',
      SIGNING_KEY: key,
      lower_case: 'two\nlines',
    });
  });

  test('is read in JSON, too, and with a byte order mark', async () => {
    expect(await parsed('\ufeff{"secrets": {"A": {"value": "\\u0078\\ny"}}}')).toEqual({
      A: 'x\ny',
    });
  });

  test.each([
    '007',
    'yes',
    '1e3',
    'null',
    '~',
    '0x1F',
    '2001-01-01',
    'true',
    '.inf',
    '0o7',
    '1_000',
    '=',
    '<<',
  ])('has the text %s as it is written there', async (value) => {
    expect(await parsed(`secrets: {A: {value: ${value}}}\n`)).toEqual({ A: value });
  });

  test('may have an empty value when it says so', async () => {
    expect(await parsed('secrets: {A: {value: ""}}\n')).toEqual({ A: '' });
  });

  test('gives back what a writer of YAML has made of any texts', async () => {
    const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,20}$/);
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.string({ unit: 'binary' }),
      fc.lorem({ mode: 'sentences' }).map((words) => words.replaceAll('. ', '.\n')),
    );
    const secrets = fc.dictionary(
      name,
      text.filter((value) => !/\p{Surrogate}|\r/u.test(value)),
      { minKeys: 1 },
    );
    await fc.assert(
      fc.asyncProperty(secrets, fc.boolean(), async (values, json) => {
        const entries = Object.entries(values).map(([key, value]) => [key, { value }]);
        const root = { secrets: Object.fromEntries(entries) as unknown };
        expect(await parsed(json ? JSON.stringify(root) : stringify(root))).toEqual({ ...values });
      }),
    );
  });
});

describe('A secrets document is refused', () => {
  test.each([
    ['document-empty', 'the document is empty', ''],
    ['document-empty', 'the document is empty', ' \n\n'],
    ['document-empty', 'the document is empty', '# nothing\n'],
    ['document-empty', 'the document is empty', '---\n'],
    ['document-invalid', 'line 1: "secrets" is empty', 'secrets:\n'],
    ['document-invalid', 'line 1: "secrets" is empty', 'secrets: {}\n'],
    ['document-invalid', 'line 2: "secrets" is empty', 'secrets:\n  - A\n'],
    ['document-invalid', 'line 1: expected the key "secrets"', 'a text\n'],
    ['document-invalid', 'line 1: expected the key "secrets"', '- a\n'],
    ['document-invalid', 'line 1: expected the key "secrets"', '{}\n'],
    [
      'document-invalid',
      'line 2: found another key than "secrets"',
      'secrets: {A: {value: x}}\nother: 1\n',
    ],
    ['document-invalid', 'line 2: found another key than "secrets"', '\nA: {value: x}\n'],
    [
      'document-invalid',
      'line 2: "secrets" is there already',
      'secrets: {A: {value: x}}\nsecrets: {B: {value: x}}\n',
    ],
    [
      'document-invalid',
      'line 3: A is there already',
      'secrets:\n  A: {value: x}\n  A: {value: y}\n',
    ],
    [
      'document-invalid',
      'line 1: A: "value" is there already',
      'secrets: {A: {value: x, value: y}}\n',
    ],
    [
      'document-invalid',
      'line 1: what is here is no secret: expected NAME: {value: …}',
      'secrets: {A: {vaule: x}}\n',
    ],
    [
      'document-invalid',
      'line 1: A: found another key than "value"',
      'secrets: {A: {value: x, note: y}}\n',
    ],
    [
      'document-invalid',
      'line 1: what is here is no secret: expected NAME: {value: …}',
      'secrets: {A: {}}\n',
    ],
    [
      'document-invalid',
      'line 1: what is here is no secret: expected NAME: {value: …}',
      'secrets: {A: x}\n',
    ],
    [
      'document-invalid',
      'line 1: what is here is no secret: expected NAME: {value: …}',
      'secrets: {A}\n',
    ],
    ['document-invalid', 'line 2: A has no value', 'secrets: {A:\n  {value: }}\n'],
    ['document-invalid', 'line 1: A has no value', 'secrets: {A: {value}}\n'],
    ['document-invalid', 'line 1: the value of A is not text', 'secrets: {A: {value: [x]}}\n'],
    ['document-invalid', 'line 1: the value of A is not text', 'secrets: {A: {value: {x: y}}}\n'],
    [
      'document-invalid',
      'line 1: the value of A holds half a character',
      'secrets: {A: {value: "\\ud800"}}\n',
    ],
    ['document-invalid', 'line 1: a secret has no name', 'secrets: {"": {value: x}}\n'],
    ['document-invalid', '(it begins with "A")', 'secrets: {A=B: {value: x}}\n'],
    ['document-invalid', '(it begins with "1A")', 'secrets: {1A: {value: x}}\n'],
    ['document-invalid', '(it begins with "")', 'secrets: {é: {value: x}}\n'],
    ['document-invalid', 'line 1: found an anchor', 'secrets: {A: {value: &a x}}\n'],
    ['document-invalid', 'line 1: found an anchor', 'secrets: &a {A: {value: x}}\n'],
    ['document-invalid', 'line 2: found an alias', 'secrets: {A: {value: x},\n  B: *a}\n'],
    ['document-invalid', 'line 1: found a tag', 'secrets: {A: {value: !!str x}}\n'],
    ['document-invalid', 'line 1: found a tag', 'secrets: {A: {value: ! x}}\n'],
    ['document-invalid', 'line 1: found a tag', 'secrets: {A: {value: !!binary aGk=}}\n'],
    ['document-invalid', 'line 1: found a key that is no text', 'secrets: {? [A] : {value: x}}\n'],
    [
      'document-invalid',
      'line 2: another document begins',
      'secrets: {A: {value: x}}\n---\nsecrets: {B: {value: y}}\n',
    ],
    ['document-invalid', 'line 2: this is not YAML', 'secrets:\n\tA: {value: x}\n'],
    ['document-invalid', 'nested too deeply', '['.repeat(100_000)],
    ['document-invalid', 'nested too deeply', '- '.repeat(100_000)],
    ['document-invalid', 'nested too deeply', 'a: '.repeat(100_000)],
    [
      'document-encrypted',
      'still encrypted',
      'secrets: {A: {value: "ENC[AES256_GCM,data:eA==]"}}\n',
    ],
    ['document-encrypted', 'still encrypted', 'secrets: {A: {value: x}}\nsops: {mac: y}\n'],
    ['document-encrypted', 'still encrypted', '{"data": "ENC[AES256_GCM,data:eA==]", "sops": {}}'],
    [
      'document-encrypted',
      'still encrypted',
      '-----BEGIN AGE ENCRYPTED FILE-----\nYWdl\n-----END AGE ENCRYPTED FILE-----\n',
    ],
    [
      'document-encrypted',
      'still encrypted',
      '-----BEGIN PGP MESSAGE-----\n\nYWdl\n-----END PGP MESSAGE-----\n',
    ],
    ['document-invalid', 'is not UTF-8', Buffer.from('age-encryption.org/v1\n\xff\xfe', 'latin1')],
    ['document-invalid', 'more than 2097152', Buffer.alloc(2 * 1024 * 1024 + 1, '#')],
  ])('with %s: %s', async (code, message, document) => {
    const error = await refusal(document);
    expect(error.message).toContain(message);
    expect(error.code).toBe(code);
    expect(error.cause).toBeUndefined();
  });

  test.each([
    ['in a quoted text', 'secrets:\n  A:\n    value: "te', 'missing char'],
    [
      'in a key',
      `secrets:\n  A:\n    value: |\n      ${key.slice(0, 60).replaceAll('\n', '\n      ')}\n`,
      'a key whose end is missing',
    ],
    ['in JSON', '{"secrets": {"A": {"value": "x"}', 'is not YAML'],
    ['in a text', 'secrets:\n  A:\n    value: wJalrXUtn', 'does not end with a line'],
    ['before a value', 'secrets:\n  A:\n    value:\n', 'A has no value'],
  ])('when it is cut off %s', async (_where, document, message) => {
    expect((await refusal(document)).message).toContain(message);
  });
});

describe('What is said about a document that is refused', () => {
  const document = [
    'secrets:',
    '  AWS_KEY: {value: "QZQZ: {QZQZ} [QZQZ] #QZQZ"}',
    '  TWO:',
    "    value: 'QZQZ & *QZQZ !QZQZ'",
    '  THREE:',
    '    value: |',
    '      QZQZ: QZQZ',
    '      - QZQZ',
    '  FOUR: {value: QZQZ}',
    '',
  ].join('\n');

  test('never quotes a line of a value that is out of its place', async () => {
    const damaged = document.replace('value: |\n    ', 'value: |\n');
    expect((await refusal(damaged)).message).toBe(
      'the secrets document, line 7: what is here is no secret: expected NAME: {value: …}',
    );
  });

  test('never quotes it, wherever it is damaged', async () => {
    const damage = fc.record({
      at: fc.nat(document.length - 1),
      what: fc.constantFrom('', ...'{}[]:&*!|>\'"#,?-%@`\n\t \0é'.split('')),
      most: fc.constantFrom(document.length, 1, 3),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 3 }), async (all) => {
        const damaged = all.reduce(
          (text, { at, what, most }) => text.slice(0, at) + what + text.slice(at + most),
          document,
        );
        await parseDroneSecrets(Buffer.from(damaged)).catch((error: unknown) => {
          expect(error).toBeInstanceOf(SecretsError);
          expect(String((error as SecretsError).stack)).not.toContain('QZ');
        });
      }),
      { numRuns: 1000 },
    );
  });

  test('is an error of this package, whatever the bytes are', async () => {
    const syntax = fc.string({
      unit: fc.constantFrom(
        'secrets',
        'value',
        'A',
        'x',
        ...'{}[]:&*!|>\'"#,?-%@` \n\t\r\0\u0085\ufeff'.split(''),
      ),
      maxLength: 60,
    });
    await fc.assert(
      fc.asyncProperty(fc.oneof(syntax, fc.uint8Array()), async (bytes) => {
        const secrets = await parseDroneSecrets(Buffer.from(bytes as Uint8Array)).catch(
          (error: unknown) => error,
        );
        expect(secrets instanceof Map || secrets instanceof SecretsError).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });
});
