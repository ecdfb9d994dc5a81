import { describe, expect, onTestFinished, test } from 'vitest';

import { temporaryDirectory } from '@teleport-plugins/testing';

import { serveRegistry } from './serve.js';
import { pullManifest } from './test/content.js';
import { faultsIn } from './test/inspect.js';
import { startWriter, type Written } from './test/writers.js';

describe('several processes that serve one folder', () => {
  test('make each version once, whoever is first, and lose nothing', async () => {
    const images = 8;
    const directory = await temporaryDirectory();
    const server = await serveRegistry(directory);
    onTestFinished(() => server.close());
    const writers = await Promise.all(
      ['one', 'two', 'three'].map((name) => startWriter(directory, name, images)),
    );
    for (const writer of writers) writer.begin();
    const written = (await Promise.all(writers.map(({ written }) => all(written)))).flat();

    expect(written).toHaveLength(writers.length * images);
    expect(new Set(written.flatMap(({ own, moved }) => [own, moved]))).toEqual(new Set([201]));
    for (let number = 1; number <= images; number += 1) {
      const same = written.filter((each) => each.number === number);
      expect(same.map(({ version }) => version).toSorted()).toEqual([201, 412, 412]);
      const maker = same.find(({ version }) => version === 201)?.name ?? '';
      const version = await pullManifest(server.host, 'app', `v${number}`);
      const theirs = await pullManifest(server.host, 'app', `${maker}-${number}`);
      expect(version.body).toEqual(theirs.body);
    }
    expect(await faultsIn(directory)).toEqual([]);
  });

  test('leave a whole registry when one is killed, and another does its work again', async () => {
    const directory = await temporaryDirectory();
    for (const images of [1, 3, 6]) {
      const writer = await startWriter(directory, 'killed', 1000);
      writer.begin();
      let seen = 0;
      for await (const { own } of writer.written) {
        expect(own).toBe(201);
        seen += 1;
        if (seen === images) break;
      }
      await writer.kill();
      expect(await faultsIn(directory)).toEqual([]);
    }
    const again = await startWriter(directory, 'killed', 8);
    again.begin();
    const written = await all(again.written);
    const done = { own: 201, moved: 201, version: 201 };
    expect(written).toEqual(written.map((_, at) => ({ name: 'killed', number: at + 1, ...done })));
    expect(written).toHaveLength(8);
    expect(await faultsIn(directory)).toEqual([]);
  });
}, 60_000);

async function all(written: AsyncIterable<Written>): Promise<readonly Written[]> {
  const found: Written[] = [];
  for await (const each of written) found.push(each);
  return found;
}
