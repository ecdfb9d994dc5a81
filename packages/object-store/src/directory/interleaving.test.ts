import { existsSync } from 'node:fs';
import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { faultyProcess, temporaryDirectory } from '@teleport-plugins/testing';
import { expect, test } from 'vitest';

import { existing, plain, text, textOf } from '../contract/samples.js';
import type { ObjectStore, Version } from '../store.js';
import { directoryStoreIn } from './directory-store.js';

test('A reader at every step of a writer finds the object before, or the one after', async () => {
  const directory = join(await temporaryDirectory(), 'store');
  const reader = storeOf(directory);
  const seen: string[] = [];
  const writer = storeOf(directory, async () => {
    const info = await reader.head('a/versions');
    seen.push(info?.contentType ?? 'absent');
    if (info === undefined) return;
    const object = await existing(reader, 'a/versions');
    expect(object).toMatchObject(info);
    const content = Buffer.from(await object.bytes(100)).toString();
    expect(object.contentType).toBe(content);
  });
  const write = (content: string, mode: 'create' | 'overwrite') =>
    writer.put('a/versions', text(content), { mode, contentType: content });
  await write('first', 'create');
  await write('other', 'overwrite');
  await write('third', 'overwrite');
  await writer.delete('a/versions');
  // Each for some steps, and none comes back.
  const changes = seen.filter((each, at) => each !== seen[at - 1]);
  expect(changes).toEqual(['absent', 'first', 'other', 'third', 'absent']);
});

test.each([
  ['of the same length', ['first content', 'other content', 'third content']],
  ['of different lengths', ['first', 'other content', 'a third one']],
])(
  'A reader with a writer at any of its steps gets what was written at once (%s)',
  async (_, all) => {
    const [first = '', ...others] = all;
    for (let at = 0, done = false; !done; at += 1) {
      const directory = join(await temporaryDirectory(), 'store');
      const writer = storeOf(directory);
      const versions = new Map<Version, string>();
      const write = async (content: string) => {
        const labels = { contentType: content, mode: 'overwrite' } as const;
        versions.set(await writer.put('a', text(content), labels), content);
      };
      await write(first);
      let step = 0;
      const reader = storeOf(directory, async () => {
        step += 1;
        // Two, so that what described the content before is gone as well.
        if (step === at) for (const content of others) await write(content);
      });
      const info = await reader.head('a');
      expect(versions.get(info!.version), `at step ${at}`).toBe(info?.contentType ?? 'nothing');
      const object = await existing(reader, 'a');
      const content = Buffer.from(await object.bytes(100)).toString();
      expect(object, `at step ${at}`).toMatchObject({ contentType: content, size: content.length });
      expect(versions.get(object.version), `at step ${at}`).toBe(content);
      done = step < at;
    }
  },
);

test('Of two that replace the same version at any step of each other, one does', async () => {
  for (let at = 1, done = false; !done; at += 1) {
    const directory = join(await temporaryDirectory(), 'store');
    const other = storeOf(directory);
    const replace = await other.put('a', text('first'), plain('create'));
    let step = 0;
    let inner: Promise<unknown> | undefined;
    const writer = storeOf(directory, () => {
      step += 1;
      // Not waited for: it may wait for the lock that the outer one has.
      if (step === at) inner = other.put('a', text('inner'), plain({ replace })).catch(codeOf);
    });
    const outer: unknown = await writer.put('a', text('outer'), plain({ replace })).catch(codeOf);
    const results = [outer, await inner];
    done = inner === undefined;
    expect(results.filter((each) => each === 'changed')).toHaveLength(done ? 0 : 1);
    const winner = outer === 'changed' ? 'inner' : 'outer';
    const bytes = await (await existing(other, 'a')).bytes(10);
    expect(Buffer.from(bytes).toString(), `at step ${at}`).toBe(winner);
  }
});

test('What somebody who knows of no lock puts there at the last moment is not overwritten by create', async () => {
  const directory = join(await temporaryDirectory(), 'store');
  const writer = storeOf(directory, async (step) => {
    if (step.startsWith('link ')) await writeFile(join(directory, 'a'), 'by hand');
  });
  await expect(writer.put('a', text('ours'), plain('create'))).rejects.toMatchObject({
    code: 'exists',
  });
  expect(await textOf(storeOf(directory), 'a')).toBe('by hand');
});

test.each(['put', 'delete'])(
  'Who lost the lock before the change shows does not make it (%s)',
  async (act) => {
    const directory = join(await temporaryDirectory(), 'store');
    await storeOf(directory).put('a', text('kept'), plain('create'));
    const lock = join(directory, '.object-store/lock');
    const last = act === 'put' ? 'rename unfinished attributes.json' : 'lstat a';
    let steps = 0;
    const late = storeOf(directory, async (step) => {
      if (step !== last || !existsSync(lock) || (steps += 1) > 1) return;
      for (const name of await readdir(lock)) await rm(join(lock, name));
    });
    const changing =
      act === 'put' ? late.put('a', text('late'), plain('overwrite')) : late.delete('a');
    await expect(changing).rejects.toMatchObject({ code: 'locked' });
    expect(await textOf(storeOf(directory), 'a')).toBe('kept');
  },
);

function storeOf(directory: string, onStep?: (step: string) => void | Promise<void>): ObjectStore {
  const process = faultyProcess('someone', new Set(), { onStep });
  return directoryStoreIn(() => Promise.resolve(process), directory);
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown }).code;
}
