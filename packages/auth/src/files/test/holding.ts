/** A process of its own for the tests: takes a lock, says so, and stays until it is killed. */
import { withLock } from '../lock.js';

const [file = ''] = process.argv.slice(2);

await withLock(file, {}, () => {
  process.stdout.write('here\n');
  return new Promise(() => setInterval(() => undefined, 60_000));
});
