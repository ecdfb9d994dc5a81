import fc from 'fast-check';
import { expect, test } from 'vitest';

import { sessionName } from './session-name.js';

const drone = (repository: string, build: string) =>
  sessionName({ variables: { DRONE_REPO: repository, DRONE_BUILD_NUMBER: build }, user: 'root' });

test('at home it is the user', () => {
  expect(sessionName({ variables: {}, user: 'ann' })).toBe('ann');
  expect(sessionName({ variables: {}, user: 'ann@example.com' })).toBe('ann@example.com');
  expect(sessionName({ variables: { DRONE_BUILD_NUMBER: '' }, user: 'ann' })).toBe('ann');
});

test('in CI it is the build', () => {
  expect(drone('gravitational/teleport-plugins', '42')).toBe(
    'drone-gravitational-teleport-plugins-42',
  );
  const gitHub = {
    GITHUB_REPOSITORY: 'gravitational/teleport-plugins',
    GITHUB_RUN_ID: '9876543210',
    GITHUB_RUN_ATTEMPT: '2',
  };
  expect(sessionName({ variables: gitHub, user: 'runner' })).toBe(
    'github-gravitational-teleport-plugins-9876543210-2',
  );
});

test('what is not allowed becomes a hyphen', () => {
  expect(sessionName({ variables: {}, user: 'Ann Müller' })).toBe('Ann-M-ller');
  expect(sessionName({ variables: {}, user: 'EXAMPLE\\ann' })).toBe('EXAMPLE-ann');
});

test('what is too short is filled up', () => {
  expect(sessionName({ variables: {}, user: '' })).toBe('user-');
  expect(sessionName({ variables: {}, user: 'a' })).toBe('user-a');
});

test('what is too long keeps the number of the build, and gets a hash', () => {
  const repository = `gravitational/${'very-'.repeat(12)}long`;
  const name = drone(repository, '1234');
  expect(name).toBe('drone-gravitational-very-very-very-very-very-very--f89e3ce8-1234');
  expect(drone(`${repository}-indeed`, '1234')).not.toBe(name);
});

test('whatever it is made of, STS takes it', () => {
  const text = fc.oneof(fc.string(), fc.string({ unit: 'binary', maxLength: 200 }));
  const variables = fc.record(
    {
      DRONE_REPO: text,
      DRONE_BUILD_NUMBER: text,
      GITHUB_REPOSITORY: text,
      GITHUB_RUN_ID: text,
      GITHUB_RUN_ATTEMPT: text,
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(variables, text, (named, user) => {
      expect(sessionName({ variables: named, user })).toMatch(/^[\w+=,.@-]{2,64}$/);
    }),
  );
});

test('builds with other numbers have other names, whatever the repository', () => {
  const repository = fc.string({ maxLength: 200 });
  fc.assert(
    fc.property(repository, fc.nat(), fc.nat(), (name, one, other) => {
      fc.pre(one !== other);
      expect(drone(name, String(one))).not.toBe(drone(name, String(other)));
    }),
  );
});
