import { contentOf, type Content } from '@teleport-plugins/oci';
import { temporaryDirectory } from '@teleport-plugins/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { feed, outputOf, programsIn } from './programs.js';

const env = { PATH: process.env.PATH };
const never = new AbortController().signal;

test('runs in its folder, with every argument as it is', async () => {
  const folder = await temporaryDirectory();
  const run = programsIn(folder, { env, signal: never });
  expect(await outputOf(run`pwd`)).toBe(`${folder}\n`);
  const word = fc.string({ unit: 'grapheme-composite' }).filter((text) => !text.includes('\0'));
  await fc.assert(
    fc.asyncProperty(fc.array(word, { minLength: 1, maxLength: 5 }), async (words) => {
      const printed = await outputOf(run`printf ${'%s\\n'} ${words}`);
      expect(printed).toBe(words.map((each) => `${each}\n`).join(''));
    }),
    { numRuns: 50 },
  );
});

test('the environment is the one that is given, and messages are in English', async () => {
  const run = programsIn('/', {
    env: { ...env, MINE: 'yes', LC_ALL: 'de_DE.UTF-8' },
    signal: never,
  });
  expect(await outputOf(run`printenv MINE LC_ALL`)).toBe('yes\nC\n');
});

describe('a program that fails', () => {
  const run = programsIn('/', { env, signal: never });

  test('is quoted', async () => {
    const failing = outputOf(run`sh -c ${'echo no space left >&2; exit 3'}`);
    await expect(failing).rejects.toMatchObject({
      code: 'program-failed',
      message: `sh -c 'echo no space left >&2; exit 3' failed (exit code 3): no space left`,
    });
  });

  test('and says nothing is named all the same', async () => {
    await expect(outputOf(run`false`)).rejects.toThrow(
      'false failed (exit code 1): it says nothing',
    );
  });

  test('because it is not installed is missed', async () => {
    await expect(outputOf(run`no-such-program now`)).rejects.toMatchObject({
      code: 'program-missing',
      message: 'no-such-program is not installed, and this step needs it',
    });
  });
});

test('a program is stopped with the step', async () => {
  const stopping = new AbortController();
  const run = programsIn('/', { env, signal: stopping.signal });
  const sleeping = outputOf(run`sleep 60`);
  stopping.abort(new Error('enough'));
  await expect(sleeping).rejects.toThrow('sleep 60 failed');
});

describe('content for a program', () => {
  const run = programsIn('/', { env, signal: never });

  test('arrives whole', async () => {
    const folder = await temporaryDirectory();
    const bytes = Buffer.alloc(1_000_000, 'x');
    await feed(contentOf(bytes), run`sh -c ${'cat > "$1"'} sh ${`${folder}/it`}`);
    expect(await outputOf(run`wc -c ${`${folder}/it`}`)).toMatch(/^1000000 /);
  });

  test('that breaks off is the reason, whatever the program makes of it', async () => {
    await expect(feed(breaking(), run`sh -c ${'cat > /dev/null; exit 1'}`)).rejects.toThrow(
      'damaged',
    );
  });

  test('that is not wanted is not the reason: what the program says is', async () => {
    const large = contentOf(Buffer.alloc(10_000_000));
    const refusing = run`sh -c ${'exec <&-; echo wrong format >&2; exit 1'}`;
    await expect(feed(large, refusing)).rejects.toThrow('wrong format');
  });

  async function* breaking(): Content {
    yield Buffer.from('begun');
    await Promise.reject(new Error('damaged'));
  }
});
