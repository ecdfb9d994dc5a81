import { describe, expect, test } from 'vitest';

import { Secret } from '../secret.js';
import { redactor, type Redactor } from './redactor.js';
import { begunAtEndOf } from './test/model.js';

function redactorOf(...secrets: readonly string[]): Redactor {
  const masks = redactor();
  for (const secret of secrets) masks.add(new Secret(secret));
  return masks;
}

const key = [
  '-----BEGIN EC PRIVATE KEY-----',
  'MHcCAQEEIFnotAKeyButLooksLikeOneToWhoeverReadsIt3Qw9xZ0vAoGCCqGSM',
  '49AwEHoUQDQgAEnotAKeyEitherOfCourse+/Pl0kYxX1u7eMmVhBfG2s5tNc8LdqW',
  'rZyJ6oIiUu==',
  '=q1Xz',
  '-----END EC PRIVATE KEY-----',
  '',
].join('\n');

describe('A redactor', () => {
  test('masks a secret in a text', () => {
    expect(redactorOf('hunter2').redact('it is hunter2, hunter2!')).toBe('it is ***, ***!');
  });

  test('leaves other texts as they are', () => {
    const text = 'hunter, 🦊 and ünter2\r\n\0';
    expect(redactorOf('hunter2').redact(text)).toBe(text);
  });

  test('masks secrets that touch or overlap each other as one', () => {
    const masks = redactorOf('abcdef', 'defghi', 'jklmno');
    expect(masks.redact('<abcdefghijklmno>')).toBe('<***>');
  });

  test.each(['', '   ', '\n'])('has nothing to mask of %j', (text) => {
    const masks = redactor();
    expect(masks.add(new Secret(text))).toBe(true);
    expect(masks.redact('a  b\n')).toBe('a  b\n');
  });

  test.each(['abc', '\n abc \n', 'a\nb'])('does not mask %j, which is too short', (text) => {
    const masks = redactor();
    expect(masks.add(new Secret(text))).toBe(false);
    expect(masks.redact('abc a b')).toBe('abc a b');
  });

  test('masks a secret without the blanks around it', () => {
    expect(redactorOf('  hunter2\n').redact('hunter2 and  hunter2\n')).toBe('*** and  ***\n');
  });

  test('masks a key line by line, and leaves its armor', () => {
    const masked =
      '-----BEGIN EC PRIVATE KEY-----\n***\n***\n***\n=q1Xz\n-----END EC PRIVATE KEY-----\n';
    const masks = redactorOf(key);
    expect(masks.redact(key)).toBe(masked);
    expect(masks.redact(key.replaceAll('\n', '\r\n'))).toBe(masked.replaceAll('\n', '\r\n'));
    expect(masks.redact(key.replaceAll(/^/gm, '    '))).toBe(masked.replaceAll(/^/gm, '    '));
  });

  test('leaves the armor of other keys', () => {
    const other = Buffer.from('-----BEGIN EC PRIVATE KEY-----\n').toString('base64');
    const text = `-----BEGIN EC PRIVATE KEY-----\n${other}`;
    expect(redactorOf(key).redact(text)).toBe(text);
  });

  test('masks 32 bytes of a long secret, and not 31', () => {
    const secret = Array.from({ length: 40 }, (_, index) => `${index}.`).join('');
    const masks = redactorOf(secret);
    expect(masks.redact(`<${secret.slice(7, 39)}>`)).toBe('<***>');
    const part = `<${secret.slice(7, 38)}>`;
    expect(masks.redact(part)).toBe(part);
  });

  test('masks four bytes of nothing', () => {
    const masks = redactorOf('\0\0\0\0', '\0'.repeat(9));
    expect(masks.redact('\0\0\0 \0\0\0\0')).toBe('\0\0\0 ***');
    expect(masks.redact('\0'.repeat(9))).toBe('***');
  });

  test('masks a secret that is added twice once', () => {
    const masks = redactorOf('hunter2', 'hunter2');
    expect(masks.add(new Secret('hunter2'))).toBe(true);
    expect(masks.redact('hunter2')).toBe('***');
  });

  test('masks the same, however much of the secrets it has learned before', () => {
    for (const masks of [redactorOf(key, 'hunter2'), redactorOf(key, 'hunter2')]) {
      const [, line = ''] = key.split('\n');
      const text = [line, Buffer.from(line).toString('hex'), 'hunter2, hunt'].join('\n');
      expect(masks.redact(text)).toBe('***\n***\n***, hunt');
      while (masks.learn());
      expect(masks.redact(text)).toBe('***\n***\n***, hunt');
    }
  });

  test('has learned everything at some time, in small parts', () => {
    const masks = redactorOf(key.repeat(3));
    let parts = 0;
    while (masks.learn()) parts++;
    expect(parts).toBeGreaterThan(1);
    expect(masks.learn()).toBe(false);
    masks.add(new Secret('hunter2'));
    expect(masks.learn()).toBe(true);
  });

  test('knows many secrets, wherever they are', () => {
    const secrets = Array.from({ length: 3000 }, (_, index) => `secret-${index}-${index * 7919}`);
    const masks = redactorOf(...secrets);
    const masked = secrets.map(() => '***').join(' ');
    for (const before of ['', '.', '..', '...']) {
      expect(masks.redact(before + secrets.join(' '))).toBe(before + masked);
    }
  });
});

describe('A stream of a redactor', () => {
  const write = (masks: Redactor, text: string) =>
    Buffer.from(masks.stream().write(Buffer.from(text))).toString();

  test.each(['Password: ', 'Continue? [y/N] ', '> ', '12 %\r'])(
    'shows the prompt %j at once',
    (prompt) => {
      const masks = redactorOf('hunter2', 'wJalrXUtnFEMI/K7MDENG', key);
      expect(write(masks, prompt)).toBe(prompt);
    },
  );

  test('shows a line as soon as it has ended', () => {
    const masks = redactorOf('hunter2', key);
    for (const line of key.split('\n').slice(0, -1)) {
      expect(write(masks, `${line.slice(0, 5)}\n`)).toBe(`${line.slice(0, 5)}\n`);
    }
    expect(write(masks, 'hunter2\n')).toBe('***\n');
  });

  test('shows the mask of a secret at once', () => {
    expect(write(redactorOf('hunter2'), 'it is hunter2')).toBe('it is ***');
  });

  test('holds back what a secret begins with, and nothing else', () => {
    const secrets = ['hunter2', 'center of the earth', 'AKIAIOSFODNN7EXAMPLE', 'p@ss%word'];
    const masks = redactorOf(...secrets);
    const text = Buffer.from(
      'A hunt2er sat in the center of the ear, hunted by AKIA and IOSFODNN of the aHVud, p@s%s and p%40: 68756e74',
    );
    for (let end = 0; end <= text.length; end++) {
      const bytes = text.subarray(0, end);
      const held = bytes.length - masks.stream().write(bytes).length;
      expect([end, held]).toEqual([end, begunAtEndOf(bytes, secrets)]);
    }
  });

  test('writes at its end what it held back, and can be used again', () => {
    const stream = redactorOf('hunter2').stream();
    for (let time = 0; time < 2; time++) {
      expect(Buffer.from(stream.write(Buffer.from('a hunt'))).toString()).toBe('a ');
      expect(Buffer.from(stream.end()).toString()).toBe('hunt');
    }
    expect(stream.end()).toHaveLength(0);
  });

  test('keeps to itself what it holds back: its reader may use the memory again', () => {
    const stream = redactorOf('hunter2').stream();
    const chunk = Buffer.from('a hunt');
    stream.write(chunk);
    chunk.fill('x');
    expect(Buffer.from(stream.write(Buffer.from('er2'))).toString()).toBe('***');
  });

  test('copies nothing of a chunk without secrets', () => {
    const chunk = Buffer.from('nothing to see here.\n');
    expect(redactorOf('hunter2').stream().write(chunk).buffer).toBe(chunk.buffer);
  });

  test('leaves bytes that are no text', () => {
    const bytes = Buffer.from([0xff, 0xc3, 0x28, 0x00, 0xf0, 0x9f, 0x0a]);
    const stream = redactorOf('hunter2', 'ünter').stream();
    expect(Buffer.concat([stream.write(bytes), stream.end()])).toEqual(bytes);
  });

  test('is one of several that do not know of each other', () => {
    const masks = redactorOf('hunter2');
    const [one, other] = [masks.stream(), masks.stream()];
    expect(Buffer.from(one.write(Buffer.from('hunt'))).toString()).toBe('');
    expect(Buffer.from(other.write(Buffer.from('er2!'))).toString()).toBe('er2!');
    expect(Buffer.from(one.write(Buffer.from('er2!'))).toString()).toBe('***!');
  });

  test('masks from then on what becomes a secret while it is open, from what it holds back', () => {
    const masks = redactorOf('hunter2');
    const stream = masks.stream();
    expect(Buffer.from(stream.write(Buffer.from('later, hunt'))).toString()).toBe('later, ');
    masks.add(new Secret('hunted'));
    masks.add(new Secret('later'));
    expect(Buffer.from(stream.write(Buffer.from('ed later!'))).toString()).toBe('*** ***!');
  });
});
