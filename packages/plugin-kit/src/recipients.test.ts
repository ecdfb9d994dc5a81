import { expect, test } from 'vitest';

import { recipientsFor } from './recipients.js';

const mapping = new Map([
  ['admin', ['root', 'boss']],
  ['dba', ['boss', 'dba']],
  ['*', ['anybody']],
]);

test.each([
  ['a role', ['admin'], ['root', 'boss']],
  ['two roles, each recipient once', ['admin', 'dba'], ['root', 'boss', 'dba']],
  ['a role that is not listed', ['auditor'], ['anybody']],
  ['one that is and one that is not', ['dba', 'auditor'], ['boss', 'dba', 'anybody']],
  ['no role that is known', [], ['anybody']],
])('the recipients for %s', (_what, roles, recipients) => {
  expect(recipientsFor(roles, mapping)).toEqual(recipients);
});
