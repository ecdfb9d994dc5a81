import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '../../temporary-directory.js';
import type { S3Options } from '../options.js';
import { serveS3, type S3 } from '../serve.js';

const run = promisify(execFile);

type Words = readonly string[];

/** Amazon's client, which knows nothing but this S3. */
export function commandLine(
  program: string,
  s3: Pick<S3, 'endpoint' | 'region' | 'credentials'>,
): (...given: Words) => Promise<string> {
  const env = {
    PATH: process.env.PATH,
    HOME: '/nonexistent',
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_REGION: s3.region,
    AWS_DEFAULT_REGION: s3.region,
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_MAX_ATTEMPTS: '1',
    AWS_PAGER: '',
  };
  return async (...given) => {
    const all = ['--endpoint-url', s3.endpoint, '--output', 'json', ...given];
    return (await run(program, all, { env, maxBuffer: 2 ** 26 })).stdout;
  };
}

/** An S3 with the client, and a folder for files. */
export async function opened(program: string, options: S3Options = {}) {
  const s3 = await serveS3(options);
  const directory = await temporaryDirectory();
  const aws = commandLine(program, s3);
  /** What an operation answers, of which the test knows what it is. */
  const api = async <Answer = Readonly<Record<string, unknown>>>(
    operation: string,
    ...given: Words
  ): Promise<Answer> => {
    const text = await aws('s3api', operation, ...given);
    return JSON.parse(text === '' ? '{}' : text) as Answer;
  };
  return {
    s3,
    aws,
    api,
    place: ['--bucket', 'bucket', '--key'],
    file: (name: string) => join(directory, name),
  };
}
