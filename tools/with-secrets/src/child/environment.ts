import type { Secret } from '@teleport-plugins/secrets';

type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The environment of the command: the caller's, what it is told of with-secrets, and the secrets. This is the
 * one place that reveals them.
 */
export function commandEnvironment(
  callers: Variables,
  told: Readonly<Record<string, string>>,
  secrets: ReadonlyMap<string, Secret>,
): Readonly<Record<string, string>> {
  const known = Object.entries(callers).filter(([, value]) => value !== undefined);
  const revealed = [...secrets].map(([name, secret]) => [name, secret.reveal()] as const);
  return {
    // Nx's background process would keep the secrets for hours after the command.
    NX_DAEMON: 'false',
    ...Object.fromEntries(known),
    // Behind the caller's: where another with-secrets runs this one, the command's socket is this one's.
    ...told,
    ...Object.fromEntries(revealed),
  };
}
