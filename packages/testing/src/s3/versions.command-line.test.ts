import { readFile, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { describeWithPeer } from '../peer.js';
import type { S3Options } from './options.js';
import { opened } from './test/command-line.js';

interface Listed {
  readonly Key: string;
  readonly VersionId: string;
  readonly IsLatest: boolean;
}

interface Listing {
  readonly Versions?: readonly Listed[];
  readonly DeleteMarkers?: readonly Listed[];
}

/** What the client prints of the version that it made, if it got an id. */
interface Made {
  readonly VersionId?: string;
  readonly DeleteMarker?: boolean;
}

const bucket = ['--bucket', 'bucket'];

describeWithPeer({ program: 'aws', install: 'apt-get install awscli' }, (program) => {
  async function versioned(options: S3Options = {}) {
    const context = await opened(program, options);
    const { api, place, file } = context;
    const version = (id: string | undefined) => ['--version-id', String(id)];
    const set = (Status: string) =>
      api('put-bucket-versioning', ...bucket, '--versioning-configuration', `Status=${Status}`);
    return {
      ...context,
      set,
      version,
      put: async (key: string, content: string) => {
        await writeFile(file('in'), content);
        return (await api<Made>('put-object', ...place, key, '--body', file('in'))).VersionId;
      },
      get: async (key: string, ...given: readonly string[]) => {
        await api('get-object', ...place, key, ...given, file('out'));
        return readFile(file('out'), 'utf8');
      },
      list: (...given: readonly string[]) =>
        api<Listing>('list-object-versions', ...bucket, ...given),
      remove: (key: string, ...given: readonly string[]) =>
        api<Made>('delete-object', ...place, key, ...given),
    };
  }

  test('a bucket says whether it keeps versions', async () => {
    const { api, set } = await versioned();
    const get = () => api('get-bucket-versioning', ...bucket);
    expect(await get()).toEqual({});
    for (const status of ['Enabled', 'Suspended']) {
      await set(status);
      expect(await get()).toMatchObject({ Status: status });
    }
    await expect(set('Off')).rejects.toThrow('(MalformedXML)');
  });

  test('what was overwritten is there by its version, also what is older than versioning', async () => {
    const { api, place, set, put, get, list, version } = await versioned();
    await put('a', 'oldest');
    await set('Enabled');
    const first = await put('a', 'first');
    const second = await put('a', 'second');
    expect(await get('a')).toBe('second');
    expect(await get('a', ...version(first))).toBe('first');
    expect(await get('a', ...version('null'))).toBe('oldest');
    expect(await api('head-object', ...place, 'a', ...version('null'))).toMatchObject({
      VersionId: 'null',
      ContentLength: 6,
    });
    expect((await list()).Versions).toMatchObject([
      { VersionId: second, IsLatest: true },
      { VersionId: first, IsLatest: false },
      { VersionId: 'null', IsLatest: false },
    ]);
    const missing = version('0'.repeat(32));
    await expect(get('a', ...missing)).rejects.toThrow('(NoSuchVersion)');
  });

  test('an object that was deleted comes back when its delete marker is deleted', async () => {
    const { set, put, get, remove, list, version } = await versioned();
    await set('Enabled');
    const id = await put('a', 'content');
    const { VersionId: marker, DeleteMarker } = await remove('a');
    expect(DeleteMarker).toBe(true);
    await expect(get('a')).rejects.toThrow('(NoSuchKey)');
    await expect(get('a', ...version(marker))).rejects.toThrow('(MethodNotAllowed)');
    expect(await get('a', ...version(id))).toBe('content');
    expect(await list()).toMatchObject({
      Versions: [{ VersionId: id, IsLatest: false }],
      DeleteMarkers: [{ Key: 'a', VersionId: marker, IsLatest: true }],
    });
    expect(await remove('a', ...version(marker))).toEqual({
      VersionId: marker,
      DeleteMarker: true,
    });
    expect(await get('a')).toBe('content');
    expect(await remove('a', ...version(id))).toEqual({ VersionId: id });
    expect(await list()).not.toHaveProperty('Versions');
  });

  test('a version is restored by a copy of it', async () => {
    const { api, place, set, put, get, remove, version } = await versioned();
    await set('Enabled');
    const key = 'a b/c+?é';
    const first = await put(key, 'first');
    await put(key, 'second');
    const source = ['--copy-source', `bucket/${key}?versionId=${String(first)}`];
    const copied = await api<Made>('copy-object', ...place, key, ...source);
    expect(copied).toMatchObject({ CopySourceVersionId: first });
    expect(await get(key)).toBe('first');
    expect(await get(key, ...version(copied.VersionId))).toBe('first');
    const { VersionId: marker } = await remove(key);
    const marked = ['--copy-source', `bucket/${key}?versionId=${String(marker)}`];
    await expect(api('copy-object', ...place, key, ...marked)).rejects.toThrow('(InvalidRequest)');
    const newest = ['--copy-source', `bucket/${key}`];
    await expect(api('copy-object', ...place, key, ...newest)).rejects.toThrow('(NoSuchKey)');
  });

  test('versions are listed page by page, and by folder', async () => {
    const { s3, set, list } = await versioned({ pageSize: 2 });
    s3.fill('bucket', ['a b/1', 'c']);
    await set('Enabled');
    s3.fill('bucket', ['a b/1', 'a b/2', 'é+']);
    s3.fill('bucket', ['a b/1']);
    s3.empty('bucket');
    const { Versions = [], DeleteMarkers = [] } = await list();
    const keys = ['a b/1', 'a b/1', 'a b/1', 'a b/2', 'c', 'é+'];
    expect(Versions.map(({ Key }) => Key)).toEqual(keys);
    expect(DeleteMarkers.map(({ Key }) => Key)).toEqual(['a b/1', 'a b/2', 'c', 'é+']);
    expect(new Set([...Versions, ...DeleteMarkers].map((each) => JSON.stringify(each))).size).toBe(
      10,
    );
    expect(s3.operations().filter((name) => name === 'ListObjectVersions')).toHaveLength(5);
    const folder = await list('--prefix', 'a b/2');
    expect(folder.Versions).toMatchObject([{ Key: 'a b/2', IsLatest: false }]);
    expect(await list('--delimiter', '/')).toMatchObject({ CommonPrefixes: [{ Prefix: 'a b/' }] });
  });
});
