import { expect, test } from 'vitest';

import { OciError } from '../error.js';
import { explained } from './failure.js';

const refusal = (code: string) => Object.assign(new Error(code), { code, syscall: 'write' });

test.each([
  ['ENOSPC', 'the disk is full; free space and run this again'],
  ['EDQUOT', 'the disk is full; free space and run this again'],
  ['EFBIG', 'files may not be that large there; raise the limit (ulimit -f) and run this again'],
  ['EROFS', 'it is not permitted; make the folder writable for this user and run this again'],
  ['EMFILE', 'too many files are open; raise the limit and run this again'],
  ['EIO', 'the file system refused; when its cause is removed, run this again'],
])('%s is explained with the file, the reason and the next act', (code, advice) => {
  const cause = refusal(code);
  const error = explained(cause, 'write it', '/layout/index.json');
  expect(error).toMatchObject({
    name: 'OciError',
    code: 'layout-failed',
    message: `/layout/index.json: cannot write it: ${advice} (${code})`,
    cause,
  });
});

test('Errors that are not of the file system stay as they are', () => {
  const own = new OciError('not-found', 'acme@sha256:…: no such blob');
  for (const error of [own, new Error('other'), AbortSignal.abort().reason as Error]) {
    expect(explained(error, 'write it', '/layout/index.json')).toBe(error);
  }
});
