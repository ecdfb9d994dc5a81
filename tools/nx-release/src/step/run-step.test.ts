import type { ExecutorContext } from '@nx/devkit';
import { expect, test } from 'vitest';

import { testHost } from '../test/host.js';
import { runStep } from './run-step.js';

test('ends with the line that sums it up', async () => {
  const host = testHost();
  expect(await runStep(context(), host, () => Promise.resolve('staged'))).toEqual({
    success: true,
  });
  expect(host.printed).toEqual(['✔ staged']);
});

test('a failure is one message without a stack', async () => {
  const host = testHost();
  const cause = new Error('ENOSPC');
  const failing = () => Promise.reject(new Error('the disk is full; free some', { cause }));
  expect(await runStep(context(), host, failing)).toEqual({ success: false });
  expect(host.errors).toEqual(['✘ the disk is full; free some']);
});

test('with --verbose the stack and the causes are shown', async () => {
  const host = testHost();
  const cause = new Error('ENOSPC', { cause: new Error('quota') });
  const failing = () => Promise.reject(new Error('the disk is full', { cause }));
  await runStep(context({ isVerbose: true }), host, failing);
  expect(host.errors.join('\n')).toMatch(
    /the disk is full\n {4}at [^]*because of Error: ENOSPC\n[^]*because of Error: quota\n/,
  );
});

test('one that is told to stop says so, and not what that broke', async () => {
  const host = testHost({ interruptAt: /half/ });
  const story = () => {
    host.print('half of it');
    return Promise.reject(new Error('socket hang up'));
  };
  expect(await runStep(context(), host, story)).toEqual({ success: false });
  expect(host.errors).toEqual(['✘ interrupted by SIGINT']);
});

test('what is thrown without being an error is shown', async () => {
  const host = testHost();
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what others may do
  await runStep(context(), host, () => Promise.reject('nothing'));
  await runStep(context(), host, () => Promise.reject(new RangeError()));
  expect(host.errors).toEqual(['✘ nothing', '✘ RangeError']);
});

test('what was opened is closed, the last first, before it is said how the step ended', async () => {
  for (const fails of [false, true]) {
    const host = testHost();
    const story = () => {
      for (const what of ['server', 'client']) {
        host.atEnd(() => {
          host.print(`close the ${what}`);
          return Promise.resolve();
        });
      }
      return fails ? Promise.reject(new Error('broken')) : Promise.resolve('done');
    };
    await runStep(context(), host, story);
    expect(host.printed.slice(0, 2)).toEqual(['close the client', 'close the server']);
  }
});

test('a step whose result cannot be closed has failed', async () => {
  const host = testHost();
  const story = () => {
    host.atEnd(() => Promise.reject(new Error('cannot be flushed')));
    return Promise.resolve('done');
  };
  expect(await runStep(context(), host, story)).toEqual({ success: false });
  expect(host).toMatchObject({ printed: [], errors: ['✘ cannot be flushed'] });
});

function context(members: Partial<ExecutorContext> = {}): ExecutorContext {
  return { isVerbose: false, ...members } as ExecutorContext;
}
