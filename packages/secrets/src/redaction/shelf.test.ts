import { expect, test } from 'vitest';

import type { Form } from './forms.js';
import { shelf, shortestWindow } from './shelf.js';

/** No byte of it is in it twice. */
const letters = Array.from({ length: 60 }, (_, at) => String.fromCharCode(at + 0x41)).join('');
const form = (text: string, window: number): Form => {
  return { text, size: Buffer.byteLength(text), window };
};

function shelfOf(...forms: readonly Form[]) {
  const filled = shelf();
  for (const each of forms) filled.put(each);
  return filled;
}

test.each([shortestWindow, shortestWindow + 1, 16, 31, 32, 60])(
  'a text with a window of %d bytes is not foreign, wherever that is',
  (window) => {
    const isForeign = (text: string) =>
      shelfOf(form(letters, window), form('0'.repeat(99), 99)).isForeign(Buffer.from(text));
    for (let start = 0; start + window <= letters.length; start++) {
      for (let before = 0; before < window; before++) {
        for (const after of ['', '.', '........']) {
          const text = '.'.repeat(before) + letters.slice(start, start + window) + after;
          expect([text, isForeign(text)]).toEqual([text, false]);
        }
      }
    }
  },
);

test.each([
  '',
  '.',
  '.'.repeat(300),
  letters.slice(0, 7),
  `${letters.slice(3, 8)}${'.'.repeat(20)}`,
])('the text %j is foreign, which has nothing of it', (text) => {
  expect(shelfOf(form(letters, 16)).isForeign(Buffer.from(text))).toBe(true);
});

test('half a character at the end of a form is none of the next one', () => {
  const filled = shelfOf(form(`${letters}\ud800`, 16), form(`\udc00${'x'.repeat(20)}`, 16));
  // Of its blocks only the last one is within the window.
  const text = Buffer.from(`.${letters.slice(-13)}\ud800`);
  expect(filled.isForeign(text)).toBe(false);
  expect(filled.isForeign(Buffer.from(`.${letters.slice(-4)}\ud800`))).toBe(true);
});

test('of long texts and of many forms nothing is certain', () => {
  expect(shelfOf(form(letters, 16)).isForeign(Buffer.alloc(513, '.'))).toBe(false);
  const many = Array.from({ length: 5000 }, () => form(letters, 16));
  expect(shelfOf(...many).isForeign(Buffer.from('.'))).toBe(false);
});

test('after a few texts nothing is certain until all forms are learned', () => {
  const filled = shelfOf(form(letters, 16), form(letters, 16));
  const isForeign = () => filled.isForeign(Buffer.from('.'));
  expect(Array.from({ length: 8 }, isForeign)).not.toContain(false);
  expect(isForeign()).toBe(false);
  filled.take();
  expect(isForeign()).toBe(false);
  filled.take();
  filled.put(form(letters, 16));
  expect(isForeign()).toBe(true);
});

test('to what is not there any more, all is foreign', () => {
  const filled = shelfOf(form(letters, 16));
  expect(filled.take()?.text).toBe(letters);
  expect(filled.isForeign(Buffer.from(letters))).toBe(true);
  expect(filled.take()).toBeUndefined();
  filled.put(form(letters, 16));
  expect(filled.isForeign(Buffer.from(letters))).toBe(false);
});
