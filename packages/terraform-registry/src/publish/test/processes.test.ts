import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import {
  bundledProgram,
  serveS3,
  temporaryDirectory,
  type S3Misbehaviour,
} from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { keys } from '../../documents/layout.js';
import { readIndex } from '../../registry.js';
import { keyNamed, signingDate } from '../../test/keys.js';
import { address, registryOf } from '../../test/release.js';
import { storeReader } from '../../verify/reader.js';
import { verifyRegistry } from '../../verify/verify.js';
import { openPlace } from './place.js';

const publisher = new URL('./publisher.ts', import.meta.url);
const processes = 32;
const rounds = 5;

const places: readonly [string, () => Promise<string>][] = [
  ['a directory', async () => join(await temporaryDirectory(), 'registry')],
  ['a bucket that often fails', failingBucket],
];

test.each(places)(
  `${processes} processes publish ${rounds} versions each at once, and none is lost, in %s`,
  async (_, open) => {
    const [place, scratch] = [await open(), await temporaryDirectory()];
    const key = join(scratch, 'key.asc');
    await writeFile(key, (await keyNamed('a')).reveal());
    const program = await bundledProgram(publisher);
    const versions = Array.from({ length: processes }, (_each, major) =>
      Array.from({ length: rounds }, (_round, patch) => `${major}.0.${patch}`),
    );
    const ends = await Promise.all(
      versions.map(async (own) => {
        const child = spawn(process.execPath, [program, place, key, scratch, ...own], {
          stdio: ['ignore', 'ignore', 'inherit'],
        });
        onTestFinished(() => void child.kill('SIGKILL'));
        return (await once(child, 'exit'))[0] as unknown;
      }),
    );
    expect(new Set(ends)).toEqual(new Set([0]));
    const store = openPlace(place);
    const index = await readIndex(registryOf(store));
    expect(index?.value.versions.map(({ version }) => String(version))).toEqual(versions.flat());
    const options = { at: signingDate, zips: false };
    expect(await verifyRegistry(storeReader(store), address, options)).toEqual([]);
  },
  600_000,
);

/** It answers some of the writes of the index wrongly, sometimes after it has done what it was asked. */
async function failingBucket(): Promise<string> {
  const s3 = await serveS3();
  let asked = 0;
  const rules: readonly Pick<S3Misbehaviour, 'as' | 'late'>[] = [
    { as: 'conflict' },
    { as: 'precondition failed' },
    { as: 'internal error' },
    { as: 'internal error', late: true },
    { as: 'dropped', late: true },
  ];
  for (const [index, rule] of rules.entries()) {
    const when = () => (asked += 1) % 31 === index * 6;
    s3.misbehave({ operation: 'PutObject', key: keys.index(address), when, ...rule });
  }
  const { endpoint, region, credentials } = s3;
  return JSON.stringify({ endpoint, region, credentials });
}
