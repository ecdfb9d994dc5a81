import type { Readable } from 'node:stream';
import type { WriteStream } from 'node:tty';

/** What with-secrets has of its process. */
export interface Host {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Only read where the secrets are on it. */
  readonly stdin: () => Readable & { readonly isTTY?: boolean };
  readonly stdout: WriteStream;
  readonly stderr: WriteStream;
  /** Tells people something that stops nothing. */
  readonly warn: (message: string) => void;
}
