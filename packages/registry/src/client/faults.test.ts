import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';

import { contentOf, type Content } from '@teleport-plugins/oci';
import { temporaryDirectory } from '@teleport-plugins/testing';
import { expect, onTestFinished, test } from 'vitest';

import { serveRegistry } from '../server/serve.js';
import type { RemoteRepository } from './repository.js';
import { forward, front } from './test/front.js';
import { opened } from './test/opened.js';
import { blobOf, bytesOf, manifestOf } from './test/samples.js';

const config = blobOf(100);
const layer = blobOf(1_200_000);
const image = manifestOf({ config: config.blob, layers: [layer.blob] });
const signature = manifestOf({ subject: image.manifest, config: config.blob });

/** What can happen to a request on its way, instead of an answer. */
type Fault = (upstream: string, request: IncomingMessage, response: ServerResponse) => void;

const faults: Readonly<Record<string, Fault>> = {
  'is cut off before it arrives': (_upstream, _request, response) => {
    response.socket?.destroy();
  },
  'is cut off while it arrives': (_upstream, request, response) => {
    request.once('readable', () => response.socket?.destroy());
  },
  'is done, but its answer is lost': (upstream, request, response) => {
    forward(upstream, request, response, (answer) => {
      answer.resume().on('end', () => response.socket?.destroy());
    });
  },
  'is done, but its answer is cut off': (upstream, request, response) => {
    forward(upstream, request, response, (answer) => {
      response.writeHead(answer.statusCode ?? 500, answer.rawHeaders);
      answer.once('data', (piece: Buffer) => {
        response.write(piece.subarray(0, piece.byteLength / 2), () => response.socket?.destroy());
      });
      answer.on('end', () => response.socket?.destroy());
      answer.resume();
    });
  },
  'is refused by a gateway': (_upstream, request, response) => {
    request.resume().on('end', () => response.writeHead(502).end('<html>Bad gateway</html>'));
  },
  'is one too many': (_upstream, request, response) => {
    request.resume().on('end', () => response.writeHead(429, { 'retry-after': '3' }).end());
  },
};

test.each(Object.entries(faults))(
  'a release goes through when any one request of it %s',
  async (_name, fault) => {
    const server = await serveRegistry(join(await temporaryDirectory(), 'registry'));
    let count = 0;
    let faulty = 0;
    const before = await front((request, response) => {
      count += 1;
      if (count === faulty) fault(server.host, request, response);
      else forward(server.host, request, response);
    });
    onTestFinished(async () => {
      await before.close();
      await server.close();
    });
    const release = async (number: number) => {
      count = 0;
      faulty = number;
      const registry = opened(before.host);
      await releaseTo(registry.repository(`acme/app${number}`));
      await registry.close();
      return count;
    };

    const requests = await release(0);
    expect(requests).toBe(16);
    for (let number = 1; number <= requests; number++) await release(number);
  },
  60_000,
);

/** Everything a release does, each step followed by a look at what it did. */
async function releaseTo({ blobs, manifests }: RemoteRepository): Promise<void> {
  await blobs.push(config.blob, contentOf(config.bytes));
  const options = { reopen: () => pieces(layer.bytes) };
  expect(await blobs.exists(layer.blob)).toBe(false);
  await blobs.push(layer.blob, pieces(layer.bytes), options);
  expect(await blobs.exists(layer.blob)).toBe(true);
  await manifests.push(image.manifest, image.bytes);
  expect(await manifests.resolve('1.0.0')).toBeUndefined();
  await manifests.tag(image.manifest, '1.0.0', { exclusive: true });
  expect(await manifests.resolve('1.0.0')).toEqual(image.manifest);
  await manifests.push(signature.manifest, signature.bytes);
  expect(await gathered(manifests.tags())).toEqual(['1.0.0']);
  expect((await gathered(manifests.referrers(image.manifest))).map(({ digest }) => digest)).toEqual(
    [signature.manifest.digest],
  );
  expect(Buffer.from(await manifests.fetch(image.manifest)).equals(image.bytes)).toBe(true);
  expect((await bytesOf(blobs.fetch(layer.blob))).equals(layer.bytes)).toBe(true);
  expect((await bytesOf(blobs.fetch(config.blob))).equals(config.bytes)).toBe(true);
}

async function gathered<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}

// eslint-disable-next-line @typescript-eslint/require-await -- a content that is at hand
async function* pieces(content: Uint8Array): Content {
  for (let at = 0; at < content.byteLength; at += 65_536) yield content.subarray(at, at + 65_536);
}
