import { readFile, writeFile } from 'node:fs/promises';

import { expect, test } from 'vitest';

import { describeWithPeer } from '../peer.js';
import { commandLine, opened } from './test/command-line.js';

describeWithPeer({ program: 'aws', install: 'apt-get install awscli' }, (program) => {
  test('stores and reads an object, its labels and a part of it', async () => {
    const { api, place, file } = await opened(program);
    await writeFile(file('in'), 'the content');
    const key = 'a folder/é+&=%20.json';
    const labels = ['--content-type', 'application/json', '--cache-control', 'max-age=60'];
    const put = await api('put-object', ...place, key, '--body', file('in'), ...labels);
    const said = { ETag: put.ETag, ContentType: 'application/json', CacheControl: 'max-age=60' };
    expect(await api('head-object', ...place, key)).toMatchObject({ ...said, ContentLength: 11 });
    expect(await api('get-object', ...place, key, file('out'))).toMatchObject(said);
    expect(await readFile(file('out'), 'utf8')).toBe('the content');
    const range = ['--range', 'bytes=4-6'];
    expect(await api('get-object', ...place, key, ...range, file('out'))).toMatchObject({
      ContentRange: 'bytes 4-6/11',
    });
    expect(await readFile(file('out'), 'utf8')).toBe('con');
    await api('delete-object', ...place, key);
    await expect(api('head-object', ...place, key)).rejects.toThrow('(404)');
    await expect(api('get-object', ...place, key, file('out'))).rejects.toThrow('(NoSuchKey)');
  });

  test('holds reads to their conditions', async () => {
    const { api, place, file } = await opened(program);
    await writeFile(file('in'), 'the content');
    const { ETag } = await api('put-object', ...place, 'a', '--body', file('in'));
    await api('get-object', ...place, 'a', '--if-match', String(ETag), file('out'));
    const other = ['--if-match', '"0123456789abcdef0123456789abcdef"'];
    await expect(api('get-object', ...place, 'a', ...other, file('out'))).rejects.toThrow(
      '(PreconditionFailed)',
    );
  });

  test('lists page by page, and by folder', async () => {
    const { s3, aws, api } = await opened(program, { pageSize: 2 });
    s3.fill('bucket', ['a b/1', 'a b/2', 'a b/3/4', 'a+b', 'ab', 'é']);
    const listed = await api('list-objects-v2', '--bucket', 'bucket');
    expect((listed.Contents as { Key: string }[]).map(({ Key }) => Key)).toEqual([
      ...['a b/1', 'a b/2', 'a b/3/4', 'a+b', 'ab', 'é'],
    ]);
    expect(s3.operations()).toEqual(['ListObjectsV2', 'ListObjectsV2', 'ListObjectsV2']);
    const lines = (await aws('s3', 'ls', 's3://bucket/a b/')).trimEnd().split('\n');
    expect(lines.map((line) => line.trim()).sort()).toEqual([
      expect.stringMatching(/ 5 1$/),
      expect.stringMatching(/ 5 2$/),
      'PRE 3/',
    ]);
    expect(await aws('s3', 'ls')).toContain('bucket');
  });

  test('sends a large file in parts, copies it and removes it', async () => {
    const { s3, aws, api, file } = await opened(program);
    const bytes = Buffer.alloc(9 * 1024 * 1024, 'content ');
    await writeFile(file('in'), bytes);
    await aws('s3', 'cp', file('in'), 's3://bucket/large');
    expect(s3.operations()).toEqual([
      ...['CreateMultipartUpload', 'UploadPart', 'UploadPart', 'CompleteMultipartUpload'],
    ]);
    await aws('s3', 'cp', 's3://bucket/large', 's3://bucket/copy');
    expect(s3.operations()).toContain('UploadPartCopy');
    await aws('s3', 'cp', 's3://bucket/copy', file('out'));
    expect((await readFile(file('out'))).equals(bytes)).toBe(true);
    await aws('s3', 'rm', 's3://bucket', '--recursive');
    expect(await api('list-objects-v2', '--bucket', 'bucket')).not.toHaveProperty('Contents');
  });

  test('completes an upload of what was sent, and nothing else', async () => {
    const { api, place, file } = await opened(program, { smallestPart: 4 });
    for (const part of ['one', 'four']) await writeFile(file(part), part);
    const { UploadId } = await api('create-multipart-upload', ...place, 'a');
    const upload = [...place, 'a', '--upload-id', String(UploadId)];
    const send = async (number: number, name: string) => {
      const given = ['--part-number', String(number), '--body', file(name)];
      const { ETag } = await api('upload-part', ...upload, ...given);
      return { PartNumber: number, ETag };
    };
    const parts = [await send(1, 'four'), await send(2, 'one'), await send(3, 'four')];
    const complete = (Parts: readonly unknown[]) =>
      api('complete-multipart-upload', ...upload, '--multipart-upload', JSON.stringify({ Parts }));
    await expect(complete(parts)).rejects.toThrow('(EntityTooSmall)');
    await expect(complete([parts[2], parts[0]])).rejects.toThrow('(InvalidPartOrder)');
    const strange = { PartNumber: 2, ETag: '"0123456789abcdef0123456789abcdef"' };
    await expect(complete([parts[0], strange])).rejects.toThrow('(InvalidPart)');
    expect(await complete([parts[0], parts[1]])).toMatchObject({ Key: 'a' });
    await expect(complete([parts[0]])).rejects.toThrow('(NoSuchUpload)');
    await api('get-object', ...place, 'a', file('out'));
    expect(await readFile(file('out'), 'utf8')).toBe('fourone');
  });

  test('is told what is wrong in S3’s words', async () => {
    const { s3, api, place } = await opened(program);
    await expect(api('list-objects-v2', '--bucket', 'missing')).rejects.toThrow('(NoSuchBucket)');
    const undo = s3.misbehave({ as: 'access denied' });
    await expect(api('list-objects-v2', '--bucket', 'bucket')).rejects.toThrow('(AccessDenied)');
    undo();
    const strange = commandLine(program, {
      ...s3,
      credentials: { accessKeyId: 'A', secretAccessKey: 'B' },
    });
    await expect(strange('s3api', 'get-object', ...place, 'a', '-')).rejects.toThrow(
      '(InvalidAccessKeyId)',
    );
    const elsewhere = commandLine(program, { ...s3, region: 'eu-west-1' });
    await expect(elsewhere('s3api', 'list-objects-v2', '--bucket', 'bucket')).rejects.toThrow(
      'AuthorizationHeaderMalformed',
    );
  });

  test('holds writes to their conditions', async (context) => {
    const { api, place, file } = await opened(program);
    await writeFile(file('in'), 'the content');
    const put = (key: string, ...given: readonly string[]) =>
      api('put-object', ...place, key, '--body', file('in'), ...given);
    const created = await put('a', '--if-none-match', '*').catch((error: unknown) => String(error));
    const isOld = typeof created === 'string' && created.includes('Unknown options');
    context.skip(isOld, 'this aws is older than conditional writes; the SDK is tested with them');
    await expect(put('a', '--if-none-match', '*')).rejects.toThrow('(PreconditionFailed)');
    const { ETag } = created as { readonly ETag: string };
    await put('a', '--if-match', ETag);
    await expect(put('a', '--if-match', '"other"')).rejects.toThrow('(PreconditionFailed)');
    await expect(put('c', '--if-match', '"other"')).rejects.toThrow('(NoSuchKey)');
  });
});
