/**
 * A credential helper of docker's: `docker-credential-teleport-release get|store|erase|list`. All of it is in
 * packages/auth; this is its process.
 */
import { homedir, userInfo } from 'node:os';
import { text } from 'node:stream/consumers';

import { answerHelper, helperStore } from '@teleport-plugins/auth';

const { argv, env, stdin, stdout, stderr } = process;
// A warning of the SDK about this Node would stand among what docker prints.
env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';

const store = helperStore({
  variables: env,
  homeDirectory: homedir(),
  userId: process.getuid?.(),
  user: userName(),
  now: () => new Date(),
  // Who is asked to end just ends: what is half done is in nobody's way.
  signal: new AbortController().signal,
  onProblem: (message) => console.error(message),
});

void answerHelper({ args: argv.slice(2), input: () => text(stdin) }, store).then(
  ({ exitCode, output, complaint = '' }) => {
    process.exitCode = exitCode ?? 1;
    stdout.write(output);
    stderr.write(complaint);
  },
);

/** A container may run under a number that has no name. */
function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return String(process.getuid?.() ?? 'unknown');
  }
}
