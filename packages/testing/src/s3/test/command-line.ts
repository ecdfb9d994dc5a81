import { join } from 'node:path';

import { commandLine as awsCommandLine, type CommandLine } from '../../aws/test/command-line.js';
import { temporaryDirectory } from '../../temporary-directory.js';
import type { S3Options } from '../options.js';
import { serveS3, type S3 } from '../serve.js';

type Words = readonly string[];

/** Amazon's client, which knows nothing but this S3. */
export function commandLine(
  program: string,
  s3: Pick<S3, 'endpoint' | 'region' | 'credentials'>,
): CommandLine {
  const region = { AWS_REGION: s3.region, AWS_DEFAULT_REGION: s3.region };
  return awsCommandLine(program, s3, s3.credentials, region);
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
