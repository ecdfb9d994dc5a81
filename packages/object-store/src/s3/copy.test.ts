import { createHash } from 'node:crypto';

import { serveS3 } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { existing, plain, sampleBytes, text, textOf } from '../contract/samples.js';
import { memoryStore, prefixed, readOnly } from '../index.js';
import { openedStore } from './test/opened.js';

const bytes = sampleBytes(2_000_000);
const labels = { contentType: 'application/zip', cacheControl: 'immutable' };

async function twoBuckets(options: Parameters<typeof serveS3>[0] = {}) {
  const s3 = await serveS3({ buckets: ['staging', 'production'], ...options });
  const from = openedStore(s3, { bucket: 'staging', prefix: 'registry' });
  const to = openedStore(s3, { bucket: 'production' });
  await from.put('it é.zip', bytes, { mode: 'create', ...labels });
  const begun = s3.requests.length;
  return { s3, from, to, requests: () => s3.operations().slice(begun) };
}

describe('A copy between buckets of one server', () => {
  test('moves no bytes', async () => {
    const { s3, from, to, requests } = await twoBuckets();
    const { received, sent } = s3.traffic;
    for (const store of [from, readOnly(from), prefixed(readOnly(from), 'a')]) {
      const key = store.name.endsWith('/a') ? 'b' : 'it é.zip';
      if (key === 'b') await from.copy({ store: from, key: 'it é.zip' }, 'a/b', { mode: 'create' });
      const version = await to.copy({ store, key }, 'copy', { mode: 'overwrite' });
      expect(await to.head('copy')).toMatchObject({ version, size: bytes.byteLength, ...labels });
    }
    expect(requests()).not.toContain('PutObject');
    expect(requests()).not.toContain('GetObject');
    expect(s3.traffic.received - received).toBeLessThan(1000);
    expect(s3.traffic.sent - sent).toBeLessThan(5000);
    const read = await (await existing(to, 'copy')).bytes(bytes.byteLength);
    expect(Buffer.compare(read, bytes)).toBe(0);
  });

  test.each(['create', 'replace'] as const)(
    'holds to its mode (%s) at its last request',
    async (mode) => {
      const { s3, from, to, requests } = await twoBuckets();
      const first = mode === 'create' ? undefined : await to.put('a', text('1'), plain('create'));
      const source = { store: from, key: 'it é.zip' };
      s3.misbehave({
        as: 'nothing',
        operation: 'CompleteMultipartUpload',
        times: 1,
        before: () => to.put('a', text('theirs'), plain('overwrite')),
      });
      const copying = to.copy(source, 'a', {
        mode: first === undefined ? 'create' : { replace: first },
      });
      await expect(copying).rejects.toMatchObject({
        code: mode === 'create' ? 'exists' : 'changed',
      });
      expect(await textOf(to, 'a')).toBe('theirs');
      expect(requests()).not.toContain('CopyObject');
      expect(s3.unfinishedUploads('production')).toEqual([]);
    },
  );

  test.each(['create', 'overwrite'] as const)(
    'is of one version, or not at all (%s)',
    async (mode) => {
      const { s3, from, to } = await twoBuckets();
      s3.misbehave({
        as: 'nothing',
        operation: mode === 'create' ? 'UploadPartCopy' : 'CopyObject',
        times: 1,
        before: () => from.put('it é.zip', text('other'), plain('overwrite')),
      });
      const copying = to.copy({ store: from, key: 'it é.zip' }, 'a', { mode });
      await expect(copying).rejects.toMatchObject({
        code: 'changed',
        message: expect.stringContaining('s3://staging/registry/it é.zip') as string,
      });
      expect(await to.head('a')).toBeUndefined();
      expect(s3.unfinishedUploads('production')).toEqual([]);
    },
  );

  test.each(['create', 'overwrite'] as const)(
    'of a larger object is in parts (%s)',
    async (mode) => {
      const { s3, from, requests } = await twoBuckets({ smallestPart: 1 });
      const to = openedStore(s3, { bucket: 'production' }, { copyLimit: 300_000 });
      await to.copy({ store: from, key: 'it é.zip' }, 'a', { mode });
      expect(requests().filter((each) => each === 'UploadPartCopy')).toHaveLength(7);
      const object = await existing(to, 'a');
      expect(object).toMatchObject(labels);
      expect(Buffer.compare(await object.bytes(bytes.byteLength), bytes)).toBe(0);
    },
  );

  test('reads the bytes once to prove their digest, and writes nothing when it is another', async () => {
    const { s3, from, to, requests } = await twoBuckets();
    const { received } = s3.traffic;
    const source = { store: from, key: 'it é.zip' };
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    await expect(
      to.copy(source, 'a', { mode: 'create', sha256: sha256.replace(/^./, 'x') }),
    ).rejects.toMatchObject({ code: 'content-mismatch' });
    expect(requests()).toEqual(['HeadObject', 'GetObject', 'GetObject']);
    await to.copy(source, 'a', { mode: 'create', sha256 });
    expect(s3.traffic.received - received).toBeLessThan(1000);
  });

  test('that the server got wrong is not taken for one', async () => {
    const { s3, from, to } = await twoBuckets();
    s3.misbehave({
      as: 'nothing',
      operation: 'HeadObject',
      after: 1,
      times: 1,
      before: () => {
        s3.truncate('production', 'a');
        return Promise.resolve();
      },
    });
    const copying = to.copy({ store: from, key: 'it é.zip' }, 'a', { mode: 'overwrite' });
    await expect(copying).rejects.toMatchObject({ code: 'content-mismatch' });
  });
});

describe('A copy goes through this process', () => {
  test.each(['create', 'overwrite'] as const)(
    'when the writer may not read the source (%s)',
    async (mode) => {
      const { s3, from, to, requests } = await twoBuckets();
      s3.misbehave({ as: 'access denied', operation: 'UploadPartCopy' });
      s3.misbehave({ as: 'access denied', operation: 'CopyObject' });
      await to.copy({ store: from, key: 'it é.zip' }, 'a', { mode });
      expect(requests()).toContain('UploadPart');
      expect(await to.head('a')).toMatchObject({ size: bytes.byteLength, ...labels });
      expect(s3.unfinishedUploads('production')).toEqual([]);
    },
  );

  test('when the server does not copy parts', async () => {
    const { s3, from, to } = await twoBuckets({ withoutPartCopy: true });
    await to.copy({ store: from, key: 'it é.zip' }, 'a', { mode: 'create' });
    expect(await to.head('a')).toMatchObject({ size: bytes.byteLength });
    expect(s3.unfinishedUploads('production')).toEqual([]);
  });

  test('when the source is on another server, or in no server', async () => {
    const { from } = await twoBuckets();
    const other = await serveS3();
    const memory = memoryStore();
    await memory.put('m', bytes, { mode: 'create', ...labels });
    const to = openedStore(other);
    for (const source of [
      { store: from, key: 'it é.zip' },
      { store: memory, key: 'm' },
    ]) {
      await to.copy(source, source.key, { mode: 'create' });
      expect(await to.head(source.key)).toMatchObject({ size: bytes.byteLength, ...labels });
    }
    expect(other.operations()).not.toContain('UploadPartCopy');
  });

  test('and fails as denied when the writer may not write either', async () => {
    const { s3, from, to } = await twoBuckets();
    for (const operation of ['CreateMultipartUpload', 'PutObject'] as const) {
      s3.misbehave({ as: 'access denied', operation });
    }
    const copying = to.copy({ store: from, key: 'it é.zip' }, 'a', { mode: 'create' });
    await expect(copying).rejects.toMatchObject({
      code: 'denied',
      message: expect.stringContaining('s3:PutObject') as string,
    });
  });
});
