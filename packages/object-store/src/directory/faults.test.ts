import { join } from 'node:path';

import { type Fault, faultyProcess, temporaryDirectory, treeOf } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { gathered, inPieces, plain, text } from '../contract/samples.js';
import { failedWith } from '../error.js';
import type { ObjectStore } from '../store.js';
import { directoryStoreIn } from './directory-store.js';
import type { Surroundings } from './surroundings.js';

const kinds: readonly Fault['kind'][] = ['kill', 'tear', 'fail', 'fail late'];

test.each(kinds)(
  'A directory survives "%s" at every step, and is the same once the work is done again',
  async (kind) => {
    const base = await temporaryDirectory();
    const whole = faultyProcess('undisturbed', new Set());
    await writeAll(storeOf(whole, join(base, 'undisturbed')));
    const expected = await contentsOf(join(base, 'undisturbed'));
    expect(whole.steps.length).toBeGreaterThan(150);

    for (const [at, step] of whole.steps.entries()) {
      if (kind === 'tear' && step !== 'write') continue;
      const directory = join(base, String(at));
      const dead = new Set<string>();
      const disturbed = storeOf(
        faultyProcess('disturbed', dead, { fault: { at, kind } }),
        directory,
      );
      const failure: unknown = await writeAll(disturbed).catch((error: unknown) => error);
      const where = `${kind} at step ${at}, ${step}`;
      if (kind.startsWith('fail') && failure !== undefined) {
        expect(failure, where).toMatchObject({ name: 'ObjectStoreError' });
        expect(['directory-failed', 'locked'], where).toContain((failure as { code: string }).code);
      }

      await checkWhole(storeOf(faultyProcess('reader', dead), directory), where);

      // The same process goes on after a failure, another one after a kill.
      const repairing = kind.startsWith('fail')
        ? disturbed
        : storeOf(faultyProcess('repairing', dead), directory);
      await writeAll(repairing);
      dead.add('disturbed');
      const sweeping = storeOf(faultyProcess('sweeping', dead), directory);
      await sweeping.put('swept', text('sw'), plain('overwrite'));
      await sweeping.delete('swept');
      expect(await contentsOf(directory), where).toEqual(expected);
    }
  },
  300_000,
);

test('Every content is synchronised, and described, before it gets its name, and its folder after that', async () => {
  const process = faultyProcess('self', new Set());
  await writeAll(storeOf(process, join(await temporaryDirectory(), 'store')));
  const { steps } = process;
  const namings = steps.flatMap((step, at) =>
    /^(?:link unfinished|rename unfinished (?!lock))/.test(step) ? [at] : [],
  );
  expect(namings.length).toBe(8);
  for (const at of namings) {
    expect(steps.slice(at + 1, at + 4), steps[at]).toEqual([
      expect.stringMatching(/^open r /),
      'sync',
      'close',
    ]);
  }
  for (const at of namings.filter((each) => !steps[each]?.endsWith('attributes.json'))) {
    const before = steps.slice(0, at);
    const [described, written] = [
      before.lastIndexOf('rename unfinished attributes.json'),
      before.lastIndexOf('rename unfinished lock'),
    ];
    expect(described).toBeGreaterThan(written);
    // Its content was complete before the lock was taken.
    expect(before.slice(before.indexOf('open wx unfinished'), written)).toContain('sync');
  }
});

function storeOf(process: Surroundings, directory: string): ObjectStore {
  return directoryStoreIn(() => Promise.resolve(process), directory);
}

const contents = ['first content', 'second, longer content', 'a third one'] as const;

/** All that writes to a store, from whatever the same work has come to before. */
async function writeAll(store: ObjectStore): Promise<void> {
  await store.put('registry/versions', text(contents[0]), labelled(0)).catch(ifExists);
  const body = { size: contents[1].length, open: () => inPieces(text(contents[1]), 8) };
  await store.put('registry/versions', body, { ...labelled(1), mode: 'overwrite' });
  const current = await store.head('registry/versions');
  await store.put('registry/versions', text(contents[2]), {
    ...labelled(2),
    mode: current ? { replace: current.version } : 'create',
  });
  await store.put('registry/deleted/soon', text(contents[0]), labelled(0)).catch(ifExists);
  await store.delete('registry/deleted/soon');
}

function labelled(number: 0 | 1 | 2) {
  return { mode: 'create', contentType: `text/${number}` } as const;
}

function ifExists(error: unknown): void {
  if (!failedWith(error, 'exists')) throw error;
}

/** Fails unless every object that can be seen is one that was written, whole, and with its own label. */
async function checkWhole(store: ObjectStore, where: string): Promise<void> {
  const infos = await gathered(store.list(''));
  for (const info of infos) {
    expect(['registry/versions', 'registry/deleted/soon'], where).toContain(info.key);
    const object = await store.get(info.key);
    const content = Buffer.from((await object?.bytes(1000))!).toString();
    const number = contents.indexOf(content as (typeof contents)[number]);
    expect(object, where).toMatchObject({ ...info, contentType: `text/${number}` });
  }
}

/** What is there, without what differs from run to run. */
async function contentsOf(directory: string): Promise<readonly string[]> {
  const volatile = /"(?:version|inode|modified)": "[^"]*"/g;
  return (await treeOf(directory)).map((entry) => entry.replaceAll(volatile, '…'));
}
