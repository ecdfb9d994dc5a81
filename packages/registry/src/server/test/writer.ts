/**
 * A process of its own that serves a registry's folder and pushes to it, as a release step does.
 * `node writer.ts <folder> <name> <images>`; it begins at the first line of standard input, and prints a
 * line of JSON for each image.
 */
import { once } from 'node:events';

import { serveRegistry } from '../serve.js';
import { image, pushImage, pushManifest } from './content.js';

const [directory = '', name = '', images = ''] = process.argv.slice(2);

async function main(): Promise<void> {
  const server = await serveRegistry(directory);
  process.stdout.write('ready\n');
  await once(process.stdin, 'data');
  for (let number = 1; number <= Number(images); number += 1) {
    // Its layers are every writer's, its manifest is its own.
    const pushed = image(`image ${number}`, { annotations: { 'org.example.writer': name } });
    const { status: own } = await pushImage(server.host, 'app', pushed, `${name}-${number}`);
    const { status: moved } = await pushManifest(server.host, 'app', pushed.manifest, 'latest');
    const { status: version } = await pushManifest(
      server.host,
      'app',
      pushed.manifest,
      `v${number}`,
      { 'if-none-match': '*' },
    );
    process.stdout.write(`${JSON.stringify({ name, number, own, moved, version })}\n`);
  }
  await server.close();
  process.stdin.destroy();
}

await main();
