import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Credential } from '@teleport-plugins/registry';
import { temporaryDirectory } from '@teleport-plugins/testing';

import { dockerCredentials, type DockerCredentialsOptions } from '../credentials.js';

/** A home with files in it, by path; what is not a text is written as JSON. */
export async function homeWith(files: Readonly<Record<string, unknown>>): Promise<string> {
  const home = await temporaryDirectory();
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(join(home, path)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    await writeFile(join(home, path), text);
  }
  return home;
}

/** Credentials of somebody who has docker's configuration file and no variables. */
export async function configured(config: unknown, options: Partial<DockerCredentialsOptions> = {}) {
  const homeDirectory = await homeWith({ '.docker/config.json': config });
  return dockerCredentials({ variables: {}, homeDirectory, ...options });
}

/** As docker writes it. */
export function auth(username: string, password: string): { readonly auth: string } {
  return { auth: Buffer.from(`${username}:${password}`).toString('base64') };
}

/** A credential in one line: `ann:opensesame`, `identity …`. */
export function plain(credential: Credential | undefined): string | undefined {
  if (credential === undefined) return undefined;
  if (credential.kind === 'basic') {
    return `${credential.username}:${credential.password.reveal()}`;
  }
  return `${credential.kind} ${credential.token.reveal()}`;
}
