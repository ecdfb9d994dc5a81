import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { withHelper, withoutHelper } from './config-text.js';

const host = 'registry.example';

function set(config: object) {
  return withHelper(JSON.stringify(config), 'config.json', [host], 'ours');
}

function unset(config: object, before?: string) {
  const text = JSON.stringify(config);
  return withoutHelper(text, 'config.json', new Map([[host, before]]), 'ours');
}

describe('With the helper', () => {
  test.each<[string, object, object, object[]]>([
    ['an empty configuration has it', {}, helpers('ours'), [{ kind: 'set', after: 'ours' }]],
    [
      'another helper is replaced',
      helpers('ecr-login'),
      helpers('ours'),
      [{ kind: 'set', before: 'ecr-login', after: 'ours' }],
    ],
    ['nothing changes when it is there', helpers('ours'), helpers('ours'), []],
    [
      'a stored login goes, however its key is written',
      { auths: { [host]: { auth: 'eDp5' }, [`https://${host}/v2/`]: {}, 'other.example': {} } },
      { auths: { 'other.example': {} }, ...helpers('ours') },
      [{ kind: 'set', after: 'ours' }, { kind: 'login-removed' }, { kind: 'login-removed' }],
    ],
    [
      'a login for one namespace of podman’s stays',
      { auths: { [`${host}/acme`]: { auth: 'eDp5' } } },
      { auths: { [`${host}/acme`]: { auth: 'eDp5' } }, ...helpers('ours') },
      [{ kind: 'set', after: 'ours' }],
    ],
  ])('%s', (_what, config, after, changes) => {
    const edit = set(config);
    expect(JSON.parse(edit.text)).toEqual(after);
    expect(edit.changes).toEqual(changes.map((change) => ({ host, ...change })));
  });

  test('a file that is empty, or not there, becomes one as docker writes it', () => {
    expect(withHelper('', 'config.json', [host], 'ours').text).toBe(
      '{\n\t"credHelpers": {\n\t\t"registry.example": "ours"\n\t}\n}',
    );
  });
});

describe('Without the helper', () => {
  test.each<[string, object, string | undefined, object]>([
    ['the registry has none', { a: 1, ...helpers('ours') }, undefined, { a: 1 }],
    ['it has the one before', helpers('ours'), 'ecr-login', helpers('ecr-login')],
    ['it has none for good, as before', helpers('ours'), '', helpers('')],
    ['another helper of it stays', helpers('osxkeychain'), 'ecr-login', helpers('osxkeychain')],
    [
      'those of other registries stay',
      { credHelpers: { a: 'ours', [host]: 'ours' } },
      undefined,
      { credHelpers: { a: 'ours' } },
    ],
    ['a configuration without any stays', { credHelpers: {} }, undefined, { credHelpers: {} }],
  ])('%s', (_what, config, before, after) => {
    expect(JSON.parse(unset(config, before).text)).toEqual(after);
  });
});

test.each(['{"credHelpers": [] }', '{', '[]', '{"auths": {"a": 1}}', '\u{feff}{}'])(
  'What is no configuration, %j, is refused and named',
  (text) => {
    expect(() => withHelper(text, 'config.json', [host], 'ours')).toThrow(/^config.json: /);
  },
);

test('Any configuration has all that it had before, once the helper is gone again', () => {
  const configurations = fc.record(
    {
      auths: fc.dictionary(fc.string(), fc.record({ auth: fc.base64String() })),
      credHelpers: fc.dictionary(fc.domain(), fc.stringMatching(/^[\w.-]{0,20}$/), { minKeys: 1 }),
      credsStore: fc.constant('desktop'),
      HttpHeaders: fc.dictionary(fc.string(), fc.string()),
      plugins: fc.jsonValue(),
    },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(configurations, fc.constantFrom(undefined, '\t', 4), (config, indentation) => {
      const text = JSON.stringify(config, undefined, indentation);
      const hosts = ['added.example', ...Object.keys(config.credHelpers ?? {})];
      const logged = withHelper(text, 'config.json', hosts, 'ours');
      const before = new Map(hosts.map((each) => [each, config.credHelpers?.[each]]));
      expect(withoutHelper(logged.text, 'config.json', before, 'ours').text).toBe(text);
    }),
  );
});

function helpers(helper: string) {
  return { credHelpers: { [host]: helper } };
}
