import { chmod, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

import type { HelperAnswer, RunHelper } from '../helper.js';

/** Writes a credential helper into a folder: a shell script. */
export async function writeHelper(folder: string, name: string, script: string): Promise<void> {
  const file = join(folder, `docker-credential-${name}`);
  await writeFile(file, `#!/bin/sh\n${script}\n`);
  await chmod(file, 0o755);
}

/** A PATH on which these folders come first. */
export function pathWith(...folders: readonly string[]): string {
  return [...folders, process.env.PATH ?? ''].join(delimiter);
}

/** Answers instead of a process, and notes what was asked. */
export function answering(...answers: readonly (HelperAnswer | undefined)[]): {
  readonly runHelper: RunHelper;
  readonly asked: string[];
} {
  const asked: string[] = [];
  const runHelper: RunHelper = ({ program, input }) => {
    asked.push(`${program} ${input}`);
    return Promise.resolve(answers[Math.min(asked.length, answers.length) - 1]);
  };
  return { runHelper, asked };
}

/** What a helper says that has a credential. */
export function credential(username: string, secret: string): HelperAnswer {
  return {
    exitCode: 0,
    output: JSON.stringify({ ServerURL: '', Username: username, Secret: secret }),
  };
}

/** What a helper says that has none. */
export const notFound: HelperAnswer = {
  exitCode: 1,
  output: 'credentials not found in native keychain\n',
};
