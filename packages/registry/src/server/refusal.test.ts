import { expect, test } from 'vitest';

import { refusalOf } from './refusal.js';

test.each([
  ['no room on the disk', 'ENOSPC'],
  ['no room in the quota', 'EDQUOT'],
  ['a file as large as files may be', 'EFBIG'],
])('%s is answered as a full disk', (_what, code) => {
  const cause = Object.assign(new Error(`${code}: write`), { code });
  expect(refusalOf(cause)).toMatchObject({
    status: 507,
    code: 'STORAGE_FULL',
    message:
      'the disk that holds the registry, a quota or a limit on the size of files is exhausted; make room and send the request again',
    cause,
  });
});
