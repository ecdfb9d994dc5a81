import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { parseJsonObject } from './json.js';
import { attempt } from './test/attempt.js';

const read = (text: string) =>
  parseJsonObject(Buffer.from(text), { where: 'document', code: 'manifest-invalid' });

test('A JSON object is read as JSON.parse reads it', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()), (value) => {
      for (const space of [undefined, 2, '\t\r\n']) {
        const text = JSON.stringify(value, undefined, space);
        expect(read(text)).toEqual(JSON.parse(text));
      }
    }),
  );
});

test.each([
  ['{"a":1,"a":1}', 'a'],
  ['{"a":{"b":[{"c":1},{"d":1 , "d"\n\t: 2}]}}', 'd'],
  ['{"mediaType":1,"media\\u0054ype":2}', 'mediaType'],
  ['{"x":"\\"}{","\\"":1,"\\"":2}', '\\"'],
  ['{"":1,"":2}', ''],
])('A member that occurs twice in one object is refused: %s', (text, name) => {
  expect(() => read(text)).toThrow(`document: the member "${name}" occurs twice in one object`);
});

test.each(['{"a":{"a":{"a":1}},"b":{"a":"a"}}', '{"a":["a","a",{"a":1},{"a":1}]}', '{"a":"\\\\"}'])(
  'A member that occurs in several objects is not: %s',
  (text) => {
    expect(read(text)).toEqual(JSON.parse(text));
  },
);

test('Any other text is an OciError in one line', () => {
  const pieces = fc.array(fc.constantFrom(...Array.from('{}[],:"\\ae1 \n'), '"a":', 'null'));
  fc.assert(
    fc.property(
      pieces.map((all) => all.join('')),
      (text) => {
        const result = attempt(() => read(`{${text}}`));
        if (result instanceof Error) expect(result.message).not.toContain('\n');
      },
    ),
    { numRuns: 2000 },
  );
});
