import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describeWithPeer } from '@teleport-plugins/testing';
import { afterAll, beforeAll, describe } from 'vitest';

import { serveRegistry } from './serve.js';
import type { Capability } from './test/conformance/check.js';
import { conformanceSuite } from './test/conformance/suite.js';
import { startDockerRegistry, type RunningRegistry } from './test/docker-registry.js';

describe('the embedded registry conforms to the distribution specification', () => {
  conformanceSuite(
    running(async (directory) => {
      const server = await serveRegistry(directory);
      return { host: server.host, stop: () => server.close() };
    }),
  );
});

describe('another registry passes the same tests', () => {
  const peer = { program: 'docker-registry', install: 'apt-get install docker-registry' };
  describeWithPeer(peer, (program) => {
    conformanceSuite(
      running((directory) => startDockerRegistry(program, directory)),
      dockerRegistryLacks,
    );
  });
});

/** What docker-registry 2.8.2, which is older than version 1.1 of the specification, does otherwise. */
const dockerRegistryLacks = {
  'single-post': 'it answers 202 and waits for a PUT, as the specification allows',
  'chunk-ranges': 'it appends whatever comes, and takes Content-Range for a remark',
  'range-refusal': 'its 416 has the Content-Length of the blob, and breaks off',
  'mount-without-source': 'it mounts from a named repository only, as the specification allows',
  'exclusive-tags': 'it knows no conditions on manifests; the specification has none',
  'child-sizes': 'it looks whether blobs are there, not how long they are',
  'manifest-strictness': 'it takes what Go can decode, and answers 500 to other things',
  'nondistributable-layers': 'it answers 500 unless its configuration knows where they are',
  'manifest-limit': 'it answers 400 without a code',
  'tag-order': 'it lists tags as the folder has them',
  'tag-paging': 'it ignores n and last for tags',
  'tag-deletion': 'it deletes tags with their manifest only, as the specification allows',
  referrers: 'it has no such endpoint: clients fall back to the referrers tag',
} satisfies Partial<Record<Capability, string>>;

/** Starts a registry over an empty folder for the suite around it. */
function running(start: (directory: string) => Promise<RunningRegistry>): () => string {
  let directory: string;
  let registry: RunningRegistry | undefined;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'teleport-plugins-conformance-'));
    registry = await start(directory);
  });
  afterAll(async () => {
    await registry?.stop();
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  });
  return () => registry?.host ?? '';
}
