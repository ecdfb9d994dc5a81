import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { temporaryDirectory } from '@teleport-plugins/testing';

/** A folder under git, until the test ends. */
export interface WorkspaceFiles {
  readonly root: string;
  readonly write: (path: string, content: string | object) => Promise<void>;
  readonly text: (path: string) => Promise<string>;
  /** The value of a file of JSON. */
  readonly read: (path: string) => Promise<unknown>;
  readonly git: (...words: readonly string[]) => Promise<string>;
  /** All that there is. */
  readonly commit: () => Promise<void>;
}

/** `committed` is when all commits are made. */
export async function workspaceFiles(committed = '2026-01-02T03:04:05Z'): Promise<WorkspaceFiles> {
  const root = await temporaryDirectory();
  const env = { ...gitEnvironment, GIT_AUTHOR_DATE: committed, GIT_COMMITTER_DATE: committed };
  const git: WorkspaceFiles['git'] = async (...words) => {
    const { stdout } = await promisify(execFile)('git', words, { cwd: root, env });
    return stdout;
  };
  await git('init', '--quiet');
  const text = (path: string) => readFile(join(root, path), 'utf8');
  return {
    root,
    async write(path, content) {
      await mkdir(join(root, dirname(path)), { recursive: true });
      const written = typeof content === 'string' ? content : JSON.stringify(content);
      await writeFile(join(root, path), written);
    },
    text,
    read: async (path) => JSON.parse(await text(path)) as unknown,
    git,
    async commit() {
      await git('add', '--all');
      await git('commit', '--quiet', '--message', 'change');
    },
  };
}

const gitEnvironment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'tester',
  GIT_AUTHOR_EMAIL: 'tester@example.com',
  GIT_COMMITTER_NAME: 'tester',
  GIT_COMMITTER_EMAIL: 'tester@example.com',
};
