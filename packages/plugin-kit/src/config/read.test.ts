import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { stringify } from 'smol-toml';
import { expect, test } from 'vitest';

import { messageOf, PluginError } from '../error.js';
import { parseDocument } from './document.js';
import {
  optional,
  optionalFile,
  optionalSecret,
  required,
  requiredSecret,
  withDefault,
} from './fields.js';
import { readConfig, table, tableOf } from './read.js';
import { duration, httpUrl, integer, listenAddress, oneOf, oneOrMore, text } from './types.js';

const tables = {
  smtp: table(
    {
      host: required(text),
      port: withDefault(integer(1, 65_535), 587),
      password: optionalSecret(),
    },
    ({ host, port }, report) => {
      if (host === 'bad' && port === 1) report('port', 'does not go with this host');
    },
  ),
  roleToRecipients: tableOf(oneOrMore(text)),
  queue: table({
    giveUpAfter: withDefault(duration, 1000),
    severity: optional(oneOf('info', 'warn')),
  }),
};

function read(toml: string, env: Record<string, string> = {}, file = 'x.toml') {
  return readConfig(parseDocument(file, toml), tables, env);
}

function problemsOf(toml: string, env?: Record<string, string>, file?: string): readonly string[] {
  try {
    read(toml, env, file);
    return [];
  } catch (error) {
    expect(error).toMatchObject({ name: 'PluginError', code: 'config-invalid' });
    return messageOf(error).split('\n');
  }
}

test('a whole file becomes typed settings, with the defaults of what it leaves out', () => {
  const settings = read(`
    [smtp]
    host = "mail.example.com"
    [role_to_recipients]
    dev = "a@example.com"
    "*" = ["b@example.com", "c@example.com"]
    [queue]
    give_up_after = "12h"
    severity = "WARN"
  `);
  expect(settings).toEqual({
    smtp: { host: 'mail.example.com', port: 587, password: undefined },
    roleToRecipients: new Map([
      ['dev', ['a@example.com']],
      ['*', ['b@example.com', 'c@example.com']],
    ]),
    queue: { giveUpAfter: 12 * 3_600_000, severity: 'warn' },
  });
});

test.each([
  ['[smtp]\nhost = 5', 'x.toml:2: [smtp] host: expected a string that is not empty, found 5'],
  ['[smtp]\nhost = ""', 'x.toml:2: [smtp] host: expected a string that is not empty, found ""'],
  [
    '[smtp]\nhost = { a = 1 }',
    'x.toml:2: [smtp] host: expected a string that is not empty, found a table',
  ],
  ['\n[smtp]', 'x.toml:2: [smtp]: host is missing: expected a string that is not empty'],
  ['', 'x.toml:1: [smtp]: host is missing: expected a string that is not empty'],
  [
    '[smtp]\nhost = "a"\nport = 0',
    'x.toml:3: [smtp] port: expected a whole number from 1 to 65535, found 0',
  ],
  [
    '[smtp]\nhost = "a"\nport = 1.5',
    'x.toml:3: [smtp] port: expected a whole number from 1 to 65535, found 1.5',
  ],
  ['[smtp]\nhost = "a"\nprot = 1', 'x.toml:3: [smtp] prot: not a known key; did you mean port?'],
  [
    '[smtp]\nhost = "a"\nfrobnicate = 1',
    'x.toml:3: [smtp] frobnicate: not a known key; known are host, port, password_file, password_env',
  ],
  [
    '[smtp]\nhost = "a"\npassword = "hunter2"',
    'x.toml:3: [smtp] password: secrets are not written here: set password_file to the path of a file, or password_env to the name of a variable',
  ],
  ['[smtp]\nhost = "bad"\nport = 1', 'x.toml:3: [smtp] port: does not go with this host'],
  [
    '[smpt]\nhost = "a"\n[smtp]\nhost = "a"',
    'x.toml:1: [smpt]: not a known key; did you mean smtp?',
  ],
  ['smtp = 1', 'x.toml:1: [smtp]: expected a table, found 1'],
  [
    '[smtp]\nhost = "a"\n[role_to_recipients]\ndev = []',
    'x.toml:4: [role_to_recipients] dev: expected a string that is not empty, or an array of them, found an empty array',
  ],
  [
    '[smtp]\nhost = "a"\n[queue]\ngive_up_after = "2 days"',
    'x.toml:4: [queue] give_up_after: expected a duration such as "500ms", "30s", "5m", "12h" or "7d", up to "365d", found "2 days"',
  ],
  [
    '[smtp]\nhost = "a"\n[queue]\nseverity = 1979-05-27',
    'x.toml:4: [queue] severity: expected one of "info", "warn", found a date',
  ],
])('%j is refused with %s', (toml, message) => {
  expect(problemsOf(toml)).toContain(message);
});

test('all problems of a file are told at once, in the order of its lines', () => {
  expect(problemsOf('[queue]\nx = 1\n[smtp]\nhost = 1\nport = 2.5\n')).toEqual([
    expect.stringMatching(/^x\.toml:2: \[queue\] x: not a known key/),
    expect.stringMatching(/^x\.toml:4: \[smtp\] host: /),
    expect.stringMatching(/^x\.toml:5: \[smtp\] port: /),
  ]);
});

test('a secret comes from a file next to the configuration, without its line end', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'password'), 'hunter2\n');
  const file = join(directory, 'x.toml');
  const settings = read('[smtp]\nhost = "a"\npassword_file = "password"', {}, file);
  expect(settings.smtp.password?.reveal()).toBe('hunter2');
  expect(JSON.stringify(settings)).not.toContain('hunter2');
});

test('a secret comes from an environment variable', () => {
  const settings = read('[smtp]\nhost = "a"\npassword_env = "PASSWORD"', { PASSWORD: 'hunter2' });
  expect(settings.smtp.password?.reveal()).toBe('hunter2');
});

test.each([
  [
    'password_env = "hunter2"',
    'expected the name of an environment variable such as "SMTP_PASSWORD"',
  ],
  ['password_env = "PASSWORD"', 'the environment variable PASSWORD is not set'],
  [
    'password_file = "nowhere"',
    "cannot be read: ENOENT: no such file or directory, open '/nowhere'",
  ],
  ['password_file = "dev/null"', 'the file is empty'],
  ['password_file = ["x"]', 'expected a path, found an array'],
])('a secret with %s is refused: %s', (line, message) => {
  const [key = ''] = line.split(' ');
  const problem = `/x.toml:3: [smtp] ${key}: ${message}`;
  expect(problemsOf(`[smtp]\nhost = "a"\n${line}`, {}, '/x.toml')).toEqual([problem]);
});

test('a secret has one source', () => {
  const toml = '[smtp]\nhost = "a"\npassword_file = "a"\npassword_env = "A"';
  expect(problemsOf(toml)).toEqual([
    'x.toml:4: [smtp] password_env: password_file is set as well: keep one of the two',
  ]);
});

test('a secret that is needed is asked for by both names', () => {
  const document = parseDocument('x.toml', '[slack]');
  expect(() => readConfig(document, { slack: table({ token: requiredSecret() }) }, {})).toThrow(
    "x.toml:1: [slack]: token_file (a path) or token_env (a variable's name) is missing",
  );
});

test('a file is read as text', async () => {
  const directory = await temporaryDirectory();
  await writeFile(join(directory, 'ca.pem'), 'certificate');
  const document = parseDocument(join(directory, 'x.toml'), '[smtp]\nca_file = "ca.pem"');
  const settings = readConfig(document, { smtp: table({ caFile: optionalFile() }) }, {});
  expect(settings.smtp.caFile).toBe('certificate');
});

test.each([
  ['127.0.0.1:8080', { host: '127.0.0.1', port: 8080 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['localhost:65535', { host: 'localhost', port: 65_535 }],
  [':8080', undefined],
  ['127.0.0.1', undefined],
  ['127.0.0.1:65536', undefined],
  ['::1:80', undefined],
  [8080, undefined],
])('the address %j is read as %j', (value, address) => {
  expect(listenAddress.parse(value)).toEqual(address);
});

test.each([
  ['https://teleport.example.com', true],
  ['http://localhost:3080/', true],
  ['https://user:pw@teleport.example.com', false],
  ['https://teleport.example.com/?a', false],
  ['ftp://teleport.example.com', false],
  ['teleport.example.com:443', false],
  [1, false],
])('whether %j is an address of a server: %s', (value, sound) => {
  expect(httpUrl.parse(value) !== undefined).toBe(sound);
});

test('any table is read into settings or refused with a PluginError', () => {
  const key = fc.constantFrom(
    'smtp',
    'queue',
    'role_to_recipients',
    'host',
    'port',
    'password',
    'x',
  );
  const leaf = fc.oneof(
    fc.string(),
    fc.integer(),
    fc.double({ noNaN: true }),
    fc.boolean(),
    fc.date({ noInvalidDate: true }),
  );
  const section = fc.dictionary(key, fc.oneof(leaf, fc.array(leaf, { maxLength: 3 })), {
    maxKeys: 4,
  });
  const any = fc.dictionary(key, fc.oneof(leaf, section), { maxKeys: 4 });
  fc.assert(
    fc.property(any, (values) => {
      try {
        read(stringify(values));
      } catch (error) {
        expect(error).toBeInstanceOf(PluginError);
        for (const line of messageOf(error).split('\n')) expect(line).toMatch(/^x\.toml:\d+:/);
      }
    }),
  );
});
