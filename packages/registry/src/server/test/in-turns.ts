import type { Files } from '../files.js';

/**
 * Two lots of the same files, for two sides that take turns: `false` lets the one do its next step,
 * `true` the other. A side that has ended leaves its turns to the other.
 */
export function inTurns(files: Files, turns: readonly boolean[]) {
  const waiting: ((() => void) | undefined)[] = [undefined, undefined];
  const ended = [false, false];
  let taken = 0;

  /** Lets one step be done as soon as no side is still busy with its last. */
  function next(): void {
    if (!(waiting[0] ?? ended[0]) || !(waiting[1] ?? ended[1])) return;
    const wanted = turns[taken++ % turns.length] === true ? 1 : 0;
    const side = waiting[wanted] ? wanted : wanted === 1 ? 0 : 1;
    const step = waiting[side];
    waiting[side] = undefined;
    step?.();
  }

  function sideOf(side: 0 | 1): Files {
    const names = Object.keys(files) as (keyof Files)[];
    return Object.fromEntries(
      names.map((name) => [
        name,
        async (...parameters: never[]) => {
          await new Promise<void>((resolve) => {
            waiting[side] = resolve;
            next();
          });
          return (files[name] as (...all: never[]) => Promise<unknown>)(...parameters);
        },
      ]),
    ) as unknown as Files;
  }

  return {
    one: sideOf(0),
    other: sideOf(1),
    /** To be called when a side has done all it does. */
    end(side: 0 | 1): void {
      ended[side] = true;
      next();
    },
  };
}
