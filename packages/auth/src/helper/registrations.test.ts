import { describe, expect, test } from 'vitest';

import type { Registration } from './registration.js';
import { formatRegistrations, parseRegistrations } from './registrations.js';
import { stagingHost, wanted } from './test/registrations.js';

const files = [{ path: '/home/ann/.docker/config.json', before: 'ecr-login' }];
const registrations = new Map<string, Registration>(
  [...wanted].map(([host, registration]) => [host, { ...registration, files }]),
);
const staging = registrations.get(stagingHost);

function parse(registries: object) {
  const text = JSON.stringify({ schemaVersion: 1, registries });
  return parseRegistrations(text, 'registries.json');
}

test('Registrations are read as they were written', () => {
  const text = formatRegistrations(registrations);
  expect(parseRegistrations(text, 'registries.json')).toEqual(registrations);
  expect(formatRegistrations(parseRegistrations(text, 'registries.json'))).toBe(text);
});

describe('What is not a registration is refused, with what to do', () => {
  test.each<[string, object, string]>([
    ['no object', { x: 1 }, 'registries: "x": expected an object, found a number'],
    ['no environment', { x: {} }, 'registries: "x": it has no environment'],
    [
      'an unknown kind',
      { x: { ...staging, registry: { kind: 'other' } } },
      'registries: "x": registry: kind: expected "private" or "public"',
    ],
    [
      'an access that login does not have',
      { x: { ...staging, login: { registry: 'both', access: 'admin' } } },
      'registries: "x": login: access: expected "read" or "write"',
    ],
    [
      'a text where a number is due',
      { x: { ...staging, role: { arn: 'x', durationSeconds: '1' } } },
      'registries: "x": role: durationSeconds: expected a number',
    ],
    [
      'files that are no list',
      { x: { ...staging, files: {} } },
      'registries: "x": files: expected an array',
    ],
  ])('%s', (_what, registries, message) => {
    expect(() => parse(registries)).toThrow(
      `registries.json: ${message}; delete the file and run \`npx nx run release:login\` again`,
    );
  });

  test.each(['', '{', '[]', '{"schemaVersion":2}'])('the document %j', (text) => {
    const where = 'registries.json';
    if (text === '') expect(parseRegistrations(text, where).size).toBe(0);
    else expect(() => parseRegistrations(text, where)).toThrow(/^registries.json: .*release:login/);
  });
});

describe('A token goes only where it belongs', () => {
  const loopback = 'http://127.0.0.1:4566';
  test.each<[string, string, string | undefined]>([
    ['another registry', '999999999999.dkr.ecr.us-west-2.amazonaws.com', undefined],
    ['a host of somebody else', 'registry.example', loopback],
    ['a registry on this machine, from AWS', '127.0.0.1:5000', undefined],
    ['a registry on this machine, from elsewhere', '127.0.0.1:5000', 'https://ecr.example'],
    ['a host that only looks like this machine', '127.0.0.1.example:5000', loopback],
  ])('not to %s', (_what, host, ecr) => {
    const registration = { ...staging, endpoints: ecr === undefined ? {} : { ecr } };
    expect(() => parse({ [host]: registration })).toThrow('its tokens are not those');
  });

  test.each(['127.0.0.1:5000', 'localhost:5000', '[::1]:5000'])(
    'but to %s, from this machine',
    (host) => {
      const registration = { ...staging, endpoints: { ecr: loopback } };
      expect(parse({ [host]: registration }).get(host)).toEqual(registration);
    },
  );
});
