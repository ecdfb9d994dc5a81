import { spawn } from 'node:child_process';
import { access, constants, stat } from 'node:fs/promises';
import { delimiter, isAbsolute, join } from 'node:path';

import { AuthError } from '../error.js';
import type { HelperAnswer, HelperRequest, RunHelper } from './helper.js';
import type { Variables } from './locations.js';

/**
 * Runs credential helpers as processes, without a shell, in the given environment. They are looked for
 * in the absolute folders of the PATH: never in the folder that happens to be the current one.
 */
export function helperProcesses(variables: Variables): RunHelper {
  return async (request) => {
    const file = await findProgram(request.program, variables.PATH ?? '');
    return file === undefined ? undefined : run(file, variables, request);
  };
}

/** No answer of the protocol is longer, in characters. */
const longestOutput = 1024 * 1024;

async function findProgram(name: string, path: string): Promise<string | undefined> {
  const folders = path.split(delimiter).filter((folder) => isAbsolute(folder));
  for (const folder of folders) {
    for (const file of [join(folder, name), join(folder, `${name}.exe`)]) {
      if (await isProgram(file)) return file;
    }
  }
  return undefined;
}

async function isProgram(file: string): Promise<boolean> {
  try {
    await access(file, constants.X_OK);
    return (await stat(file)).isFile();
  } catch {
    return false;
  }
}

function run(
  file: string,
  variables: Variables,
  { program, input, signal }: HelperRequest,
): Promise<HelperAnswer> {
  return new Promise((resolve, reject) => {
    const child = spawn(file, ['get'], {
      env: variables,
      // What it says on stderr is for nobody, as with docker: an error of the protocol is on stdout.
      stdio: ['pipe', 'pipe', 'ignore'],
      signal,
      killSignal: 'SIGKILL',
      windowsHide: true,
    });
    const fail = (error: Error) => {
      // A process that it left behind may hold the pipe open.
      child.stdout.destroy();
      reject(error);
    };
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length <= longestOutput) return;
      child.kill('SIGKILL');
      fail(new AuthError('helper-answer-invalid', `${program}: its answer is too long`));
    });
    child.on('error', fail);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
    // A helper need not read its input.
    child.stdin.on('error', () => undefined);
    child.stdin.end(input);
  });
}
