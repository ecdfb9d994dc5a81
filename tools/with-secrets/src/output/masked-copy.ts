import type { Readable, Writable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

import type { RedactedStream } from '@teleport-plugins/secrets/redaction';

/** A running copy of what a command writes, masked. */
export interface MaskedCopy {
  /**
   * Once nothing of the command runs any longer: copies what it has written until now, and waits for nothing
   * else. `false` when another process still has the output open, which is then cut off.
   */
  finish(): Promise<boolean>;
}

/**
 * Copies as fast as `to` takes it. When `to` takes no more (`| head`), the command finds out as it would without
 * us: writing ends it by SIGPIPE, or fails with EPIPE.
 *
 * @param warn told of any other reason, which nobody else could tell
 */
export function maskedCopy(
  from: Readable,
  redacted: RedactedStream,
  { to, warn }: { readonly to: Writable; readonly warn: (message: string) => void },
): MaskedCopy {
  let chunks = 0;
  let state: 'open' | 'ended' | 'broken' = 'open';
  let flowing = Promise.resolve();

  const write = (masked: Uint8Array): void => {
    if (masked.byteLength === 0 || to.write(masked)) return;
    from.pause();
    flowing = nextOf(to, ['drain', 'error', 'close']).then(() => void from.resume());
  };
  const end = (): void => {
    if (state !== 'open') return;
    state = 'ended';
    write(redacted.end());
  };
  from.on('data', (chunk: Uint8Array) => {
    if (state !== 'open') return;
    chunks++;
    write(redacted.write(chunk));
  });
  from.once('end', end).once('error', end);
  to.on('error', ({ code, message }: NodeJS.ErrnoException) => {
    if (state !== 'broken' && code !== 'EPIPE') warn(`the output is lost: ${message}`);
    state = 'broken';
    from.destroy();
  });

  /** Until all that is in the pipe has been read: whole turns of the event loop bring nothing more. */
  const drain = async (): Promise<void> => {
    for (let quietTurns = 0; quietTurns < 3 && state === 'open'; quietTurns++) {
      const before = chunks;
      await flowing;
      await nextTurn();
      if (chunks !== before) quietTurns = 0;
    }
  };

  return {
    async finish() {
      await drain();
      const isWhole = state !== 'open';
      end();
      from.destroy();
      if (state !== 'broken') await flushed(to);
      return isWhole;
    },
  };
}

/** Resolves at the first of several events. */
async function nextOf(emitter: Writable, names: readonly string[]): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = (): void => {
      for (const name of names) emitter.off(name, settle);
      resolve();
    };
    for (const name of names) emitter.on(name, settle);
  });
}

/** Once all has been handed to the system, or nobody takes it. */
async function flushed(to: Writable): Promise<void> {
  await new Promise<void>((resolve) => {
    to.write('', () => resolve());
  });
}
