import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { removeMembers, setMember } from './json-text.js';

const docker = `{
	"auths": {
		"quay.io": {
			"auth": "YTpi"
		}
	},
	"detachKeys": "ctrl-e,e"
}
`;

describe('A member that is set', () => {
  test.each([
    ['{}', '{\n\t"credHelpers": {\n\t\t"h": "x"\n\t}\n}'],
    [docker, docker.replace('e,e"', 'e,e",\n\t"credHelpers": {\n\t\t"h": "x"\n\t}')],
    [
      '{\n    "credHelpers": {\n        "g": "y"\n    }\n}',
      '{\n    "credHelpers": {\n        "g": "y",\n        "h": "x"\n    }\n}',
    ],
    ['{\n  "credHelpers": {}\n}\n', '{\n  "credHelpers": {\n    "h": "x"\n  }\n}\n'],
    ['{"a":1,"credHelpers":{"g":"y"}}', '{"a":1,"credHelpers":{"g":"y","h":"x"}}'],
    ['{"a":[1,{"b":"}"}]}', '{"a":[1,{"b":"}"}],"credHelpers":{"h":"x"}}'],
    ['{"credHelpers":{"h":"y"},"z":1}', '{"credHelpers":{"h":"x"},"z":1}'],
    ['{"credHelpers":{"h":"1","h":"2"}}', '{"credHelpers":{"h":"1","h":"x"}}'],
    [
      '{ "big": 123456789012345678901234567890, "e": 1E400 }',
      '{ "big": 123456789012345678901234567890, "e": 1E400, "credHelpers":{"h":"x"} }',
    ],
  ])('in %j gives %j', (before, after) => {
    expect(setMember(before, ['credHelpers'], 'h', 'x')).toBe(after);
  });
});

describe('Members that are removed', () => {
  test.each([
    ['{"auths":{"h":{}}}', '{"auths":{}}'],
    ['{"auths":{"h":{},"i":{}}}', '{"auths":{"i":{}}}'],
    ['{"auths":{"i":{},"h":{}}}', '{"auths":{"i":{}}}'],
    ['{"auths":{"a":1, "h":{}, "b":2 }}', '{"auths":{"a":1, "b":2 }}'],
    ['{"auths":{"h":1,"a":2,"h":3}}', '{"auths":{"a":2}}'],
    ['{"auths":{"\\u0068":1}}', '{"auths":{}}'],
    ['{"other":{"h":1}}', '{"other":{"h":1}}'],
    ['{"auths":{}}', '{"auths":{}}'],
    ['{\n\t"auths": {\n\t\t"h": {},\n\t\t"i": {}\n\t}\n}', '{\n\t"auths": {\n\t\t"i": {}\n\t}\n}'],
  ])('from %j leave %j', (before, after) => {
    expect(removeMembers(before, ['auths'], ['h'])).toBe(after);
  });
});

/** A configuration, as somebody's program may have written it, and whatever else it holds. */
const configurations = fc
  .tuple(
    fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue()),
    fc.option(fc.dictionary(fc.string(), fc.string()), { nil: undefined }),
    fc.constantFrom(undefined, '\t', 2, 4),
  )
  .map(([others, credHelpers, indentation]) => {
    const object = credHelpers === undefined ? others : { ...others, credHelpers };
    return JSON.stringify(object, undefined, indentation);
  });

test('Setting and removing a member leave all others as they are', () => {
  fc.assert(
    fc.property(configurations, fc.string(), fc.string(), (text, name, value) => {
      const set = setMember(text, ['credHelpers'], name, value);
      const others = without(membersOf(text), 'credHelpers');
      expect(without(membersOf(set), 'credHelpers')).toEqual(others);
      const helpers = membersOf(text, 'credHelpers').set(name, JSON.stringify(value));
      expect(membersOf(set, 'credHelpers')).toEqual(helpers);

      const removed = removeMembers(set, ['credHelpers'], [name]);
      expect(without(membersOf(removed), 'credHelpers')).toEqual(others);
      expect(membersOf(removed, 'credHelpers')).toEqual(without(helpers, name));
    }),
  );
});

test('Removing what was not there before it was set gives back every byte', () => {
  fc.assert(
    fc.property(configurations, fc.string(), (text, value) => {
      const name = 'a name that is not there';
      const set = setMember(text, ['credHelpers'], name, value);
      const isNew = !membersOf(text).has('credHelpers');
      const removed = isNew
        ? removeMembers(set, [], ['credHelpers'])
        : removeMembers(set, ['credHelpers'], [name]);
      expect(removed).toBe(text);
    }),
  );
});

/** The members of an object in JSON, or of the one that is a member of it, each as JSON. */
function membersOf(text: string, name?: string): Map<string, string> {
  const object = JSON.parse(text) as Record<string, unknown>;
  const inner = name === undefined ? object : (object[name] ?? {});
  return new Map(Object.entries(inner).map(([key, value]) => [key, JSON.stringify(value)]));
}

function without(members: ReadonlyMap<string, string>, name: string): Map<string, string> {
  return new Map([...members].filter(([key]) => key !== name));
}
