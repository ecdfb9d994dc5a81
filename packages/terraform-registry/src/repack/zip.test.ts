import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { describeWithPeer, temporaryDirectory } from '@teleport-plugins/testing';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { sha256Of } from '../sha256.js';
import { attemptAsync } from '../test/attempt.js';
import { collect, inPieces, programBytes } from '../test/content.js';
import { inspectZip } from './inspect.js';
import { zip, type ZipFile } from './zip.js';

interface Sample {
  readonly name: string;
  readonly mode?: number;
  readonly bytes: Uint8Array;
  /** What is said beforehand of its size, which decides on its headers. */
  readonly announced?: number;
}

function zipOf(samples: readonly Sample[]): Promise<Buffer> {
  async function* files(): AsyncGenerator<ZipFile, void> {
    for (const { name, mode = 0o644, bytes, announced = bytes.length } of samples) {
      await Promise.resolve();
      yield { name, mode, size: announced, content: inPieces(bytes) };
    }
  }
  return collect(zip(files()));
}

async function written(bytes: Uint8Array): Promise<string> {
  const path = join(await temporaryDirectory(), 'x.zip');
  await writeFile(path, bytes);
  return path;
}

const samples: readonly Sample[] = [
  { name: 'terraform-provider-teleport_v9.1.3', mode: 0o755, bytes: programBytes(2.5) },
  { name: 'LICENSE', bytes: Buffer.from('Apache-2.0\n') },
  { name: 'größe', bytes: new Uint8Array(0) },
];

/** The same with the headers of files that are larger than 4 GiB. */
const wide = samples.map((each, index) => (index === 1 ? each : { ...each, announced: 2 ** 33 }));

describe('A zip', () => {
  test('has these bytes on every machine', async () => {
    const small = samples.map((each) => ({ ...each, bytes: each.bytes.subarray(0, 11) }));
    expect(sha256Of(await zipOf(small))).toBe(
      '54c0c58c29bd1f9139ea8c962ba979c0a56a9ff117b0bd4f7cf45edba8115bf6',
    );
  });

  test('has the same bytes in any time zone', async () => {
    const before = process.env.TZ;
    const digests = new Set<string>();
    for (const zone of ['Pacific/Auckland', 'America/Los_Angeles', 'UTC']) {
      process.env.TZ = zone;
      digests.add(sha256Of(await zipOf(samples)));
    }
    if (before === undefined) delete process.env.TZ;
    else process.env.TZ = before;
    expect(digests.size).toBe(1);
  });

  test('is read back by the reader here', async () => {
    const name = fc.stringMatching(/^[a-zé]{1,20}$/);
    const file = fc.record({ name, bytes: fc.uint8Array({ maxLength: 300 }) });
    const files = fc.uniqueArray(file, { selector: (each) => each.name, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(files, async (all) => {
        const inspected = await inspectZip(await written(await zipOf(all)), 'x.zip');
        expect(inspected.files).toEqual(
          all.map(({ name, bytes }) => ({
            name,
            mode: 0o644,
            size: bytes.length,
            sha256: sha256Of(bytes),
          })),
        );
      }),
      { numRuns: 50 },
    );
  });

  test('with 64-bit sizes is read back by the reader here', async () => {
    const inspected = await inspectZip(await written(await zipOf(wide)), 'x.zip');
    expect(inspected).toEqual(await inspectZip(await written(await zipOf(samples)), 'x.zip'));
  });

  test('that is cut short or changed anywhere is invalid or says the same', async () => {
    const whole = await zipOf(
      samples.map((each) => ({ ...each, bytes: each.bytes.subarray(0, 40) })),
    );
    const same = await inspectZip(await written(whole), 'x.zip');
    const inspect = async (bytes: Uint8Array) =>
      attemptAsync(async () => inspectZip(await written(bytes), 'x.zip'));
    for (let length = 0; length < whole.length; length += 1) {
      const result = await inspect(whole.subarray(0, length));
      expect(result).toMatchObject({ code: 'zip-invalid' });
    }
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.nat(255), async (at, byte) => {
        const bytes = Buffer.from(whole);
        bytes[at] = byte;
        const result = await inspect(bytes);
        if (result instanceof Error) {
          expect(result.code).toBe('zip-invalid');
          return;
        }
        const content = result.files.map(({ size, sha256 }) => ({ size, sha256 }));
        expect(content).toEqual(
          same.files.map(({ size, sha256 }) => ({ size, sha256 })).slice(0, content.length),
        );
      }),
      { numRuns: 500 },
    );
  });

  test('of which a file fails ends with that failure', async () => {
    async function* files(): AsyncGenerator<ZipFile, void> {
      await Promise.resolve();
      yield { name: 'a', mode: 0o644, size: 1, content: inPieces(Buffer.of(1)) };
      throw new Error('the archive is damaged');
    }
    await expect(collect(zip(files()))).rejects.toThrow('the archive is damaged');
  });
});

describeWithPeer({ program: 'unzip', install: 'apt-get install unzip' }, (program) => {
  test('unzip finds nothing wrong, and the modes', async () => {
    const path = await written(await zipOf(samples));
    expect(execFileSync(program, ['-tq', path], { encoding: 'utf8' })).toContain(
      'No errors detected',
    );
    const listed = execFileSync(program, ['-Z', path], { encoding: 'utf8' });
    expect(listed).toMatch(
      /^-rwxr-xr-x {2}2\.0 unx {2}2621440 bl defN 80-Jan-01 00:00 terraform-/m,
    );
    expect(listed).toMatch(/^-rw-r--r-- .* LICENSE$/m);
    const large = execFileSync(program, ['-tq', await written(await zipOf(wide))]);
    expect(large.toString()).toContain('No errors detected');
  });
});

describeWithPeer({ program: 'python3', install: 'apt-get install python3' }, (program) => {
  test.each([
    ['32', samples],
    ['64', wide],
  ])('Python reads every file and its checksum with sizes of %s bits', async (_, all) => {
    const path = await written(await zipOf(all));
    const script = [
      'import sys, zipfile, hashlib',
      'z = zipfile.ZipFile(sys.argv[1])',
      'assert z.testzip() is None',
      'for i in z.infolist(): print(i.filename, oct(i.external_attr >> 16), hashlib.sha256(z.read(i)).hexdigest())',
    ].join('\n');
    const env = { ...process.env, PYTHONIOENCODING: 'utf8' };
    const read = execFileSync(program, ['-c', script, path], { encoding: 'utf8', env });
    expect(read.trimEnd().split('\n')).toEqual(
      samples.map(
        ({ name, mode = 0o644, bytes }) => `${name} 0o100${mode.toString(8)} ${sha256Of(bytes)}`,
      ),
    );
  });
});
