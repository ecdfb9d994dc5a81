import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';

import { awsFiles, type Variables } from '../aws/variables.js';

export interface CallerOptions {
  readonly variables: Variables;
  readonly homeDirectory: string;
}

/**
 * Stands for whoever AWS would take us for, without asking: a digest of all that decides which credentials
 * are found, that is the variables for AWS, and the files with keys and profiles. Where one of these
 * differs, so does the digest, and what was obtained for one caller is not given to another.
 *
 * Whoever is logged in to a profile with SSO counts as the same caller: the rights are the profile's.
 */
export async function callerDigest({ variables, homeDirectory }: CallerOptions): Promise<string> {
  const hash = createHash('sha256');
  const names = Object.keys(variables).filter((name) => mayMatter.test(name));
  for (const name of names.sort()) hash.update(`${JSON.stringify([name, variables[name]])}\n`);
  for (const file of Object.values(awsFiles(variables, homeDirectory))) {
    const text = await readFile(file, 'utf8').catch(() => '');
    hash.update(`${JSON.stringify(text)}\n`);
  }
  return hash.digest('hex');
}

/**
 * All variables for AWS but those that are known to say nothing of whose the credentials are: how the clients
 * work, and where buckets are (AWS_S3_BUCKET is what a release calls its own).
 */
const mayMatter =
  /^AWS_(?!(?:CA_BUNDLE|PAGER|REGION|DEFAULT_REGION|DEFAULT_OUTPUT|MAX_ATTEMPTS|RETRY_MODE|ENDPOINT_URL_S3|(?:CLI|SDK|S3)_\w+)$)/;
