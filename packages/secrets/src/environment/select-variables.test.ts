import { spawnSync } from 'node:child_process';

import { describe, expect, test } from 'vitest';

import { SecretsError } from '../error.js';
import { Secret } from '../secret.js';
import { selectVariables } from './select-variables.js';
import type { Environment, Selection } from './selection.js';

const document = {
  AWS_S3_BUCKET: 'bucket',
  AWS_ROLE: 'arn:aws',
  SIGNING_KEY: 'key',
  NPM_TOKEN: 'npm',
};

function secretsOf(values: Readonly<Record<string, string>>): ReadonlyMap<string, Secret> {
  return new Map(Object.entries(values).map(([name, value]) => [name, new Secret(value)]));
}

function selected(
  selection: Selection,
  existing: Environment = {},
  values = document as Record<string, string>,
) {
  const variables = selectVariables(secretsOf(values), selection, existing);
  return Object.fromEntries([...variables].map(([name, secret]) => [name, secret.reveal()]));
}

function refusal(...of: Parameters<typeof selected>): SecretsError {
  try {
    selected(...of);
  } catch (error) {
    if (error instanceof SecretsError) return error;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('Secrets are selected', () => {
  test('all of them, unless told otherwise', () => {
    expect(selected({})).toEqual(document);
  });

  test.each<[string, Selection, readonly string[]]>([
    ['by name', { only: ['SIGNING_KEY', 'AWS_ROLE'] }, ['AWS_ROLE', 'SIGNING_KEY']],
    ['by the beginning of their names', { prefix: 'AWS_' }, ['AWS_S3_BUCKET', 'AWS_ROLE']],
    [
      'in both ways',
      { prefix: 'AWS_', only: ['NPM_TOKEN'] },
      ['AWS_S3_BUCKET', 'AWS_ROLE', 'NPM_TOKEN'],
    ],
    [
      'with those that are required',
      { prefix: 'NPM', require: ['AWS_ROLE'] },
      ['AWS_ROLE', 'NPM_TOKEN'],
    ],
    [
      'without leaving others out because one is required',
      { require: ['AWS_ROLE'] },
      Object.keys(document),
    ],
  ])('%s, in the order of the document', (_how, selection, names) => {
    expect(Object.keys(selected(selection))).toEqual(names);
  });
});

describe('A name that is not there', () => {
  test('is refused together with all others, and with what may have been meant', () => {
    const error = refusal({
      only: ['AWS_S3_BUKCET', 'SIGNING_KEY'],
      require: ['aws_role', 'OTHER'],
      override: ['NPM_TOKN'],
    });
    expect(error.code).toBe('names-missing');
    expect(error.message).toBe(
      'the secrets document: AWS_S3_BUKCET is not there (did you mean AWS_S3_BUCKET?); aws_role is not there (did you mean AWS_ROLE?); OTHER is not there; NPM_TOKN is not there (did you mean NPM_TOKEN?)',
    );
  });

  test('is refused when it is required, and empty', () => {
    expect(refusal({ require: ['A'] }, {}, { A: '' })).toMatchObject({
      code: 'names-missing',
      message: 'the secrets document: A is empty',
    });
    expect(selected({ only: ['A'] }, {}, { A: '' })).toEqual({ A: '' });
  });

  test('is refused as a beginning of names, too', () => {
    expect(refusal({ prefix: 'GCP_' })).toMatchObject({
      code: 'names-missing',
      message: 'no secret has a name that begins with "GCP_"; --list prints all names',
    });
  });
});

describe('A variable that decides which code is run', () => {
  const values = {
    PATH: 'x',
    LD_PRELOAD: 'x',
    NODE_OPTIONS: 'x',
    BASH_ENV: 'x',
    GIT_SSH_COMMAND: 'x',
    npm_config_script_shell: 'x',
    A: 'x',
  };

  test('is refused, with all of them', () => {
    const error = refusal({}, {}, values);
    expect(error.code).toBe('variable-refused');
    expect(error.message).toContain(
      'PATH, LD_PRELOAD, NODE_OPTIONS, BASH_ENV, GIT_SSH_COMMAND, npm_config_script_shell: ',
    );
  });

  test('is refused when only the beginning of its name is given', () => {
    expect(refusal({ prefix: 'LD_' }, {}, values).code).toBe('variable-refused');
  });

  test('is selected by its name', () => {
    expect(selected({ only: ['NODE_OPTIONS'], require: ['BASH_ENV'] }, {}, values)).toEqual({
      NODE_OPTIONS: 'x',
      BASH_ENV: 'x',
    });
  });

  test('is of no matter when it is not selected', () => {
    expect(selected({ only: ['A'] }, {}, values)).toEqual({ A: 'x' });
  });
});

describe('A variable that is there', () => {
  const existing = { AWS_ROLE: 'other', AWS_S3_BUCKET: 'bucket', NPM_TOKEN: '', HOME: '/' };

  test('is refused when it has another value, with all of them', () => {
    const error = refusal({}, existing);
    expect(error.code).toBe('variable-exists');
    expect(error.message).toBe(
      'AWS_ROLE, NPM_TOKEN: the environment has other values already; unset them, or say --override AWS_ROLE,NPM_TOKEN to replace them, or --keep-env to keep them',
    );
  });

  test('is replaced when its name is given', () => {
    expect(selected({ override: ['AWS_ROLE', 'NPM_TOKEN'] }, existing)).toEqual(document);
    expect(refusal({ override: ['AWS_ROLE'] }, existing).message).toMatch(/^NPM_TOKEN: /);
  });

  test('keeps its value when it may', () => {
    expect(selected({ keepExisting: true }, existing)).toEqual({
      ...document,
      AWS_ROLE: 'other',
      NPM_TOKEN: '',
    });
    expect(selected({ keepExisting: true, override: ['AWS_ROLE'] }, existing)).toMatchObject({
      AWS_ROLE: 'arn:aws',
    });
  });

  test('is refused when it is required, and keeps an empty value', () => {
    const error = refusal({ keepExisting: true, require: ['AWS_ROLE', 'NPM_TOKEN'] }, existing);
    expect(error).toMatchObject({
      code: 'names-missing',
      message:
        'NPM_TOKEN: the environment has it empty, and keeps it; unset it, or say --override NPM_TOKEN',
    });
    const replaced = { keepExisting: true, require: ['NPM_TOKEN'], override: ['NPM_TOKEN'] };
    expect(selected(replaced, existing)).toMatchObject({ NPM_TOKEN: 'npm' });
  });

  test('is refused when it is to be replaced by what is not selected', () => {
    expect(refusal({ only: ['SIGNING_KEY'], override: ['AWS_ROLE'] }, existing)).toMatchObject({
      code: 'names-missing',
      message: 'AWS_ROLE: --override names it, and it is not selected; say --only AWS_ROLE, too',
    });
  });

  test('is of no matter when it is not selected', () => {
    expect(selected({ only: ['SIGNING_KEY'] }, existing)).toEqual({ SIGNING_KEY: 'key' });
  });
});

describe('A value that no program can be started with', () => {
  test('is refused for a NUL', () => {
    const error = refusal({}, {}, { A: 'one\0two' });
    expect(error).toMatchObject({
      code: 'value-invalid',
      message: 'A holds a NUL, which no variable can',
    });
  });

  test('is refused for its size, where Linux refuses it', () => {
    const name = 'KEY';
    const fits = 'x'.repeat(128 * 1024 - name.length - '=\0'.length);
    const start = (value: string) => spawnSync('/bin/true', { env: { [name]: value } }).error;
    expect(selected({}, {}, { [name]: fits })).toEqual({ [name]: fits });
    expect(start(fits)).toBeUndefined();
    const error = refusal({}, {}, { [name]: `${fits}x` });
    expect(error.code).toBe('environment-too-large');
    expect(error.message).toContain('KEY has 131073 bytes');
    expect(start(`${fits}x`)).toMatchObject({ code: 'E2BIG' });
  });

  test('is refused for the size of all, with what is there', () => {
    const large = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`KEY_${index}`, 'é'.repeat(30_000)]),
    );
    expect(Object.keys(selected({}, {}, large))).toHaveLength(20);
    const error = refusal({}, { ...large, OTHER: 'x'.repeat(800_000) }, large);
    expect(error.code).toBe('environment-too-large');
    expect(error.message).toContain('KEY_19 and what is there have 2000');
    expect(error.message).not.toContain('éé');
  });
});
