import { expect, test } from 'vitest';

import type { HelperAnswer, RunHelper } from './helper.js';
import { configured, plain } from './test/configured.js';
import { answering, credential, notFound } from './test/helpers.js';

const config = { credsStore: 'x' };

test('many who ask at once share one run of the helper for a registry', async () => {
  const { runHelper, asked } = answering(credential('ann', 'pw'));
  const credentials = await configured(config, { runHelper });
  const providers = [credentials, credentials.forRepository('a/b'), credentials.forRepository('c')];
  const everybody = Array.from({ length: 10 }, () => providers).flat();
  const found = await Promise.all(everybody.map((provider) => provider('quay.io')));
  expect(new Set(found.map(plain))).toEqual(new Set(['ann:pw']));
  await credentials('quay.io');
  await credentials('ghcr.io');
  expect(asked).toEqual(['docker-credential-x quay.io', 'docker-credential-x ghcr.io']);
});

test('who asks later than five minutes after gets a new answer', async () => {
  const { runHelper, asked } = answering(credential('ann', '1'), notFound);
  let time = 0;
  const credentials = await configured(config, { runHelper, now: () => time });
  await credentials('quay.io');
  time = 299_999;
  expect(plain(await credentials('quay.io'))).toBe('ann:1');
  expect(asked).toHaveLength(1);
  time = 300_000;
  expect(await credentials('quay.io')).toBeUndefined();
  expect(asked).toHaveLength(2);
});

test('a failure is told to all who wait, and tried again for the next', async () => {
  const { runHelper, asked } = answering({ exitCode: 1, output: 'locked' }, credential('ann', '1'));
  const credentials = await configured(config, { runHelper });
  const results = await Promise.allSettled([credentials('quay.io'), credentials('quay.io')]);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  expect(plain(await credentials('quay.io'))).toBe('ann:1');
  expect(asked).toHaveLength(2);
});

/** A helper that answers when it is told to, or fails when it is aborted. */
function waiting() {
  const runs: { readonly signal: AbortSignal; answer(answer: HelperAnswer): void }[] = [];
  let started: () => void = () => undefined;
  const start = new Promise<void>((resolve) => {
    started = resolve;
  });
  const runHelper: RunHelper = ({ signal }) =>
    new Promise((resolve, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error));
      runs.push({ signal, answer: resolve });
      started();
    });
  return { runHelper, runs, start };
}

test('who goes away does not end the helper for those who still wait', async () => {
  const { runHelper, runs, start } = waiting();
  const credentials = await configured(config, { runHelper });
  const leaving = new AbortController();
  const gone = credentials('quay.io', { signal: leaving.signal });
  const stays = credentials('quay.io');
  await start;
  leaving.abort(new Error('closed'));
  await expect(gone).rejects.toThrow('closed');
  runs[0]?.answer(credential('ann', 'pw'));
  expect(plain(await stays)).toBe('ann:pw');
  expect(runs).toHaveLength(1);
});

test('the helper is ended when nobody waits any longer', async () => {
  const { runHelper, runs, start } = waiting();
  const credentials = await configured(config, { runHelper });
  const leaving = new AbortController();
  const gone = credentials('quay.io', { signal: leaving.signal });
  await start;
  leaving.abort(new Error('closed'));
  await expect(gone).rejects.toThrow('closed');
  expect(runs[0]?.signal.aborted).toBe(true);

  const again = credentials('quay.io');
  await expect.poll(() => runs.length).toBe(2);
  runs[1]?.answer(credential('ann', 'pw'));
  expect(plain(await again)).toBe('ann:pw');
});

test('a helper that does not answer is ended', async () => {
  const { runHelper, runs } = waiting();
  const credentials = await configured(config, { runHelper, helperTimeout: 1 });
  await expect(credentials('quay.io')).rejects.toMatchObject({
    code: 'helper-timeout',
    message: expect.stringContaining('no answer for quay.io within 0.001 s') as string,
  });
  expect(runs[0]?.signal.aborted).toBe(true);
});
