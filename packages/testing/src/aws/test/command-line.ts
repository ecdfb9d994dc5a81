import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

import { temporaryDirectory } from '../../temporary-directory.js';
import type { AwsCredentials } from '../options.js';
import type { Aws } from '../serve.js';

/** In bytes, of what it prints. */
const maxBuffer = 2 ** 26;

/** Runs `aws` with words and gives what it prints. Rejects with what it says (`stderr`) when it fails. */
export type CommandLine = (...words: readonly string[]) => Promise<string>;

/** The `aws` client of somebody with nothing but these credentials, and variables. */
export function commandLine(
  program: string,
  { endpoint }: Pick<Aws, 'endpoint'>,
  credentials: AwsCredentials | undefined,
  variables: Readonly<Record<string, string>> = {},
): CommandLine {
  return async (...words) => {
    const home = await temporaryDirectory();
    const env = {
      PATH: process.env.PATH,
      HOME: home,
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_MAX_ATTEMPTS: '1',
      AWS_REGION: 'us-west-2',
      AWS_DEFAULT_REGION: 'us-west-2',
      ...(credentials && {
        AWS_ACCESS_KEY_ID: credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
        ...(credentials.sessionToken !== undefined && {
          AWS_SESSION_TOKEN: credentials.sessionToken,
        }),
      }),
      ...variables,
    };
    // Old versions take the endpoint from no variable.
    const options = ['--endpoint-url', endpoint, '--output', 'json'];
    const running = promisify(execFile)(program, [...words, ...options], { env, maxBuffer });
    return (await running).stdout;
  };
}
