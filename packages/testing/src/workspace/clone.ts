import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, cp, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const origin = resolve(import.meta.dirname, '../../../..');

/** A copy of this workspace as it is now, all of it committed, with what is installed. */
export interface Clone {
  readonly root: string;
  /** Runs `nx` with these words, and waits for its end. */
  nx(words: string, options?: RunOptions): Promise<Run>;
  /** The same, to be stopped on the way. */
  start(words: string, options?: RunOptions): Running;
  /** Runs a script of the shell's, as people type it: its programs are those of the PATH. */
  shell(script: string, options?: RunOptions): Promise<Run>;
  startShell(script: string, options?: RunOptions): Running;
  git(...words: readonly string[]): Promise<string>;
  remove(): Promise<void>;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** As the shell's command takes it. */
  readonly umask?: string;
  /** The Node to run it with. */
  readonly node?: string;
}

interface Run {
  /** `null` when a signal ended it. */
  readonly code: number | null;
  /** All that was printed. */
  readonly output: string;
}

export interface Running {
  readonly ended: Promise<Run>;
  /** Resolves when something like this has been printed; rejects when it ends before that. */
  printed(pattern: RegExp): Promise<void>;
  /** Sends a signal to it and to all that it has started. */
  kill(signal: NodeJS.Signals): void;
}

/** `folder` is where the clone is, in a new temporary folder. */
export async function cloneWorkspace(folder = 'clone'): Promise<Clone> {
  const home = await mkdtemp(join(await realpath(tmpdir()), 'teleport-plugins-clone-'));
  const root = join(home, folder);
  await mkdir(root, { recursive: true });
  await copySources(root);
  await copyInstalled(root);
  const git: Clone['git'] = async (...words) =>
    (await run('git', words, { cwd: root, env: gitEnvironment })).stdout;
  await git('init', '--quiet', '--initial-branch', 'main');
  await git('add', '--all');
  await git('commit', '--quiet', '--message', 'all');
  const start: Clone['start'] = (words, options) => startNx(root, words, options);
  const startShell: Clone['startShell'] = (script, options) =>
    startProgram(root, ['/bin/sh', '-euc', script], options);
  return {
    root,
    start,
    nx: (words, options) => start(words, options).ended,
    startShell,
    shell: (script, options) => startShell(script, options).ended,
    git,
    remove: () => rm(home, { recursive: true, force: true, maxRetries: 5 }),
  };
}

/** Fixed, so that two clones have the same commit. */
const gitEnvironment = {
  PATH: process.env.PATH,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'tester',
  GIT_AUTHOR_EMAIL: 'tester@example.com',
  GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
  GIT_COMMITTER_NAME: 'tester',
  GIT_COMMITTER_EMAIL: 'tester@example.com',
  GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
};

async function copySources(root: string): Promise<void> {
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--deduplicate'];
  const { stdout } = await run('git', list, { cwd: origin, maxBuffer: 64 * 1024 * 1024 });
  for (const file of stdout.split('\0').filter((name) => name !== '')) {
    await mkdir(dirname(join(root, file)), { recursive: true });
    // One that is deleted and not committed is still listed.
    await copyFile(join(origin, file), join(root, file)).catch(unlessMissing);
  }
}

/** Links to the installed files: npm and Nx replace files, and never write into them. */
async function copyInstalled(root: string): Promise<void> {
  const pattern = ['--others', '--ignored', '--exclude-standard', '--directory'];
  const { stdout } = await run('git', ['ls-files', '-z', ...pattern], { cwd: origin });
  const folders = stdout.split('\0').filter((name) => name.endsWith('node_modules/'));
  for (const folder of folders) {
    const [from, to] = [join(origin, folder), join(root, folder)];
    await run('cp', ['-al', from, to]).catch(() =>
      // Another file system, or a cp that cannot link.
      cp(from, to, { recursive: true, verbatimSymlinks: true, force: true }),
    );
    await rm(join(to, '.cache'), { recursive: true, force: true });
  }
}

function startNx(root: string, words: string, options: RunOptions = {}): Running {
  const { node = process.execPath } = options;
  const program = [node, 'node_modules/nx/dist/bin/nx.js', ...words.split(' ')];
  return startProgram(root, program, options);
}

function startProgram(
  root: string,
  program: readonly string[],
  { env, umask }: RunOptions = {},
): Running {
  // The shell is replaced by Node, which so leads the group of all that it starts.
  const script = `umask ${umask ?? '022'}; exec "$@"`;
  const child = spawn('/bin/sh', ['-c', script, 'sh', ...program], {
    cwd: root,
    env: { ...environment(root), ...env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (output += text));
  }
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, output }));
  return {
    ended,
    printed: (pattern) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (pattern.test(output)) resolve();
        };
        look();
        child.stdout.on('data', look);
        void ended.then(() => {
          reject(new Error(`ended without printing ${String(pattern)}:\n${output}`));
        });
      }),
    kill: (signal) => process.kill(-Number(child.pid), signal),
  };
}

/** Nothing of the Nx that may be running this test, and nothing of this machine's user. */
function environment(root: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(?:NX_|RELEASE_|SOURCE_DATE_EPOCH|FORCE_COLOR|VITEST|NODE_)/.test(name),
  );
  return {
    ...Object.fromEntries(inherited),
    NX_DAEMON: 'false',
    NX_ISOLATE_PLUGINS: 'false',
    NX_TUI: 'false',
    NX_CACHE_DIRECTORY: join(root, '.nx/cache'),
    NX_WORKSPACE_DATA_DIRECTORY: join(root, '.nx/workspace-data'),
    NO_COLOR: '1',
  };
}

function unlessMissing(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
}
