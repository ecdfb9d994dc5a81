import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

import { allowedImports } from './eslint.boundaries.js';

const tests = ['**/*.test.ts', '**/test/**/*.ts', 'packages/testing/**/*.ts'];

/** The module boundaries: a package imports only what the table allows it, and of that only what it exports. */
const boundaries = Object.entries(allowedImports).map(([directory, allowed]) => ({
  files: [`${directory}/**/*.ts`],
  ignores: tests,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [
          {
            regex: `^@teleport-plugins/(?!(?:${[...allowed, '-'].join('|')})(?:/|$))`,
            message: `Not an edge of the architecture: ${directory} may import ${allowed.join(', ') || 'no other package'} (eslint.boundaries.js).`,
          },
        ],
      },
    ],
  },
}));

export default defineConfig([
  globalIgnores(['**/*.d.ts', '**/dist/', '**/out-tsc/', '.nx/', '.release/', 'coverage/']),
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: import.meta.dirname,
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-console': 'error',
      'no-restricted-properties': [
        'error',
        {
          object: 'process',
          property: 'env',
          message: 'The environment comes in as an argument; it is read in a host file only.',
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': [
        'error',
        {
          ignoreVoidOperator: true,
          ignoreArrowShorthand: true,
          ignoreVoidReturningFunctions: true,
        },
      ],
    },
  },
  {
    files: [...tests, '**/host.ts', '**/main.ts', 'tools/ci/**/*.ts', 'vitest.config.ts'],
    rules: { 'no-console': 'off', 'no-restricted-properties': 'off' },
  },
  {
    files: tests,
    rules: {
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  ...boundaries,
]);
