import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { onTestFinished } from 'vitest';

import type { S3Credentials } from './authentication.js';
import { contentOf, sliceOf } from './content.js';
import { s3Misbehaviours, type S3Misbehaviour } from './misbehaviour.js';
import type { S3Options } from './options.js';
import { respond, type S3Request, type Traffic } from './respond.js';
import { bucketNamed, newBucket } from './state.js';
import type { S3World } from './world.js';

/** S3, as far as a store of objects needs it, on loopback; what it has is in memory. */
export interface S3 {
  /** `http://127.0.0.1:port`, with buckets in the path. */
  readonly endpoint: string;
  /** `http://s3.test:port`, with buckets in the name of the host, which leads to 127.0.0.1 for nobody else. */
  readonly virtualHostEndpoint: string;
  readonly region: string;
  readonly credentials: S3Credentials;
  /** What was asked, in order. */
  readonly requests: readonly S3Request[];
  /** How many connections were opened so far. */
  connections(): number;
  /** Bytes of bodies so far. */
  readonly traffic: Traffic;
  /** `['PutObject', 'GetObject']`. */
  operations(): readonly string[];
  /**
   * Puts small objects under keys, also under such as no request names. Like the two below it makes new
   * versions where versioning is on.
   */
  fill(bucket: string, keys: readonly string[]): void;
  /** Loses all objects of a bucket; where versioning is on they get delete markers. */
  empty(bucket: string): void;
  /** Damages an object: its last byte is lost, and its ETag says nothing of it. */
  truncate(bucket: string, key: string): void;
  /** The metadata of an object, by header; `undefined` when it is absent. */
  metadata(bucket: string, key: string): Readonly<Record<string, string>> | undefined;
  /** The keys of uploads in parts that were neither completed nor aborted. */
  unfinishedUploads(bucket: string): readonly string[];
  /** Answers wrongly from now on; gives what undoes it. */
  misbehave(rule: S3Misbehaviour): () => void;
  /** May be called again. */
  close(): Promise<void>;
}

/** Serves S3 until the running test ends. */
export async function serveS3(options: S3Options = {}): Promise<S3> {
  const s3 = await startS3(options);
  onTestFinished(() => s3.close());
  return s3;
}

/** The same until it is closed. */
export async function startS3(options: S3Options = {}): Promise<S3> {
  const { buckets = ['bucket'], region = 'us-west-2' } = options;
  let numbers = 0;
  const newNumber = () => (numbers += 1);
  const world: S3World = {
    buckets: new Map(buckets.map((name) => [name, newBucket(newNumber)])),
    credentials: { accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'the-secret-of-the-fake-S3' },
    region,
    options,
    newNumber,
    allows: () => true,
  };
  let connections = 0;
  const requests: S3Request[] = [];
  const traffic = { received: 0, sent: 0 };
  const wrong = s3Misbehaviours();

  const server = createServer((request, response) => {
    respond({ world, requests, traffic, wrong }, request, response).catch((error: unknown) => {
      if (response.headersSent || request.destroyed) return void response.destroy();
      response.writeHead(500).end(`the fake S3 failed: ${String(error)}`);
    });
  });
  server.on('connection', () => (connections += 1));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  let closed: Promise<void> | undefined;

  return {
    endpoint: `http://127.0.0.1:${port}`,
    virtualHostEndpoint: `http://s3.test:${port}`,
    region,
    credentials: world.credentials,
    requests,
    connections: () => connections,
    traffic,
    operations: () => requests.map(({ operation }) => operation),
    fill(bucket, keys) {
      const { objects } = bucketNamed(world.buckets, bucket);
      for (const key of keys) {
        const content = contentOf([Buffer.from(key)], false);
        const labels = { contentType: 'text/plain', metadata: {} };
        objects.put(key, { ...labels, content, etag: `"${content.md5}"`, modified: new Date() });
      }
    },
    empty(bucket) {
      const { objects } = bucketNamed(world.buckets, bucket);
      for (const key of objects.current().keys()) objects.remove(key);
    },
    truncate(bucket, key) {
      const { objects } = bucketNamed(world.buckets, bucket);
      const object = objects.newest(key)?.object;
      if (object === undefined) return;
      const content = sliceOf(object.content, 0, object.content.size - 1, false);
      objects.put(key, { ...object, content });
    },
    metadata: (bucket, key) => world.buckets.get(bucket)?.objects.newest(key)?.object?.metadata,
    unfinishedUploads: (bucket) =>
      [...(world.buckets.get(bucket)?.uploads.values() ?? [])].map(({ key }) => key),
    misbehave: (rule) => wrong.add(rule),
    close: () =>
      (closed ??= new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      })),
  };
}
