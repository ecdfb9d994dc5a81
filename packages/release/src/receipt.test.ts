import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import { temporaryDirectory } from '@teleport-plugins/testing';
import { describe, expect, test } from 'vitest';

import { formatReceipt, proveReceipt, type Receipt, writeReceipt } from './receipt.js';
import { parseVersion } from './version.js';
import { validatorOf } from './test/schemas.js';

const receipt: Receipt = {
  project: 'plugin-email',
  target: 'promote-public',
  version: parseVersion('9.3.7', 'test'),
  releaseTag: 'teleport-email-v9.3.7',
  environment: 'local',
  isDryRun: false,
  allowed: ['allow-untagged', 'allow-dirty'],
  images: [
    {
      repository: '127.0.0.1:5002/gravitational/teleport-plugin-email',
      digest: `sha256:${'0'.repeat(64)}`,
      tags: [
        { tag: '9.3.7', result: 'tagged' },
        { tag: 'latest', result: 'moved' },
      ],
    },
  ],
  stores: [
    {
      store: 's3://staging',
      objects: [
        {
          key: 'store/gravitational/teleport/9.3.7/a.zip',
          sha256: 'f'.repeat(64),
          size: 12,
          result: 'created',
        },
        { key: 'registry/gravitational/teleport/versions', result: 'replaced' },
      ],
      signedBy: ['0123456789ABCDEF'],
    },
  ],
  transfer: {
    copied: { count: 7, bytes: 123_456 },
    mounted: { count: 0, bytes: 0 },
    skipped: { count: 2, bytes: 99 },
    requests: 21,
    bytesSent: 123_999,
    bytesReceived: 4_096,
  },
  git: { commit: 'd82512e'.padEnd(40, '0'), isClean: true },
  identity: 'arn:aws:sts::146628656107:assumed-role/release-engineer-plugin-admin/ci',
  startedAt: new Date('2026-11-24T03:00:00Z'),
  finishedAt: new Date('2026-11-24T03:00:04.5Z'),
};

const text = `{
  "schemaVersion": 1,
  "project": "plugin-email",
  "target": "promote-public",
  "version": "9.3.7",
  "releaseTag": "teleport-email-v9.3.7",
  "environment": "local",
  "dryRun": false,
  "allowed": [
    "allow-dirty",
    "allow-untagged"
  ],
  "images": [
    {
      "repository": "127.0.0.1:5002/gravitational/teleport-plugin-email",
      "digest": "sha256:0000000000000000000000000000000000000000000000000000000000000000",
      "tags": [
        {
          "tag": "9.3.7",
          "result": "tagged"
        },
        {
          "tag": "latest",
          "result": "moved"
        }
      ]
    }
  ],
  "stores": [
    {
      "store": "s3://staging",
      "objects": [
        {
          "key": "store/gravitational/teleport/9.3.7/a.zip",
          "sha256": "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
          "size": 12,
          "result": "created"
        },
        {
          "key": "registry/gravitational/teleport/versions",
          "result": "replaced"
        }
      ],
      "signedBy": [
        "0123456789ABCDEF"
      ]
    }
  ],
  "transfer": {
    "copied": {
      "count": 7,
      "bytes": 123456
    },
    "mounted": {
      "count": 0,
      "bytes": 0
    },
    "skipped": {
      "count": 2,
      "bytes": 99
    },
    "requests": 21,
    "bytesSent": 123999,
    "bytesReceived": 4096
  },
  "git": {
    "commit": "d82512e000000000000000000000000000000000",
    "clean": true
  },
  "identity": "arn:aws:sts::146628656107:assumed-role/release-engineer-plugin-admin/ci",
  "startedAt": "2026-11-24T03:00:00.000Z",
  "finishedAt": "2026-11-24T03:00:04.500Z"
}
`;

test('a receipt is one JSON text, whatever the order of what it is made of', () => {
  expect(formatReceipt(receipt)).toBe(text);
  const reversed = Object.fromEntries(Object.entries(receipt).reverse()) as unknown as Receipt;
  expect(formatReceipt(reversed)).toBe(text);
});

test('a receipt has its schema', () => {
  const validate = validatorOf('receipt.schema.json');
  expect(validate(JSON.parse(formatReceipt(receipt)))).toEqual([]);
});

test('what was done to a registry as a whole is of no version', () => {
  const whole = formatReceipt({ ...receipt, version: undefined, releaseTag: undefined });
  expect(validatorOf('receipt.schema.json')(JSON.parse(whole))).toEqual([]);
  expect(whole).not.toContain('"version"');
});

test('what a receipt does not have does not come along', () => {
  const [image] = receipt.images;
  const [store] = receipt.stores;
  const more = {
    ...receipt,
    token: 'hunter2',
    images: [{ ...image, password: 'hunter2' }],
    stores: [{ ...store, signingKey: 'hunter2' }],
  };
  expect(formatReceipt(more as unknown as Receipt)).not.toContain('hunter2');
});

test('a receipt is in the folder of its project, without anything beside it', async () => {
  const root = await temporaryDirectory();
  await expect(writeReceipt(root, receipt)).resolves.toBe(
    'dist/release/plugin-email/promote-public.json',
  );
  await writeReceipt(root, { ...receipt, target: 'push-staging' });
  const folder = join(root, 'dist/release/plugin-email');
  expect((await readdir(folder)).sort()).toEqual(['promote-public.json', 'push-staging.json']);
  expect(await readFile(join(folder, 'promote-public.json'), 'utf8')).toBe(text);
});

test('a receipt replaces the one of the run before', async () => {
  const root = await temporaryDirectory();
  const file = await writeReceipt(root, { ...receipt, isDryRun: true });
  await writeReceipt(root, receipt);
  expect(await readFile(join(root, file), 'utf8')).toBe(text);
});

test('receipts written at once leave a whole one', async () => {
  const root = await temporaryDirectory();
  const runs = Array.from({ length: 20 }, (_, index) =>
    writeReceipt(root, { ...receipt, identity: `run ${index}`.repeat(index * 100) }),
  );
  const [file = ''] = await Promise.all(runs);
  const folder = join(root, 'dist/release/plugin-email');
  expect(await readdir(folder)).toEqual(['promote-public.json']);
  const written = JSON.parse(await readFile(join(root, file), 'utf8')) as { identity: string };
  expect(written.identity).toMatch(/^(?:run \d+)*$/);
});

describe('where a receipt cannot be written', () => {
  const file = 'dist/release/plugin-email/promote-public.json';
  const cases: readonly [string, (root: string) => Promise<unknown>][] = [
    ['dist is a file', (root) => writeFile(join(root, 'dist'), '')],
    ['its folder is a file', (root) => write(join(root, 'dist/release/plugin-email'))],
    ['it is a folder', (root) => mkdir(join(root, file), { recursive: true })],
    ['it is a folder with something in it', (root) => write(join(root, file, 'note'))],
  ];

  test.each(cases)('because %s: that is known before, with what to do', async (_why, spoil) => {
    const root = await temporaryDirectory();
    await spoil(root);
    const before = await readdir(root, { recursive: true });
    for (const attempt of [proveReceipt, writeReceipt]) {
      await expect(attempt(root, receipt)).rejects.toMatchObject({
        code: 'receipt-unwritable',
        message: expect.stringMatching(
          /^dist\/release\/plugin-email\/promote-public\.json: the receipt cannot be written: .*; see that dist\/release can be written and nothing is in its way, then run the step again$/,
        ) as unknown,
      });
    }
    expect(await readdir(root, { recursive: true })).toEqual(before);
  });

  const write = async (path: string): Promise<void> => {
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
  };
});

test('proving that a receipt can be written leaves the one that is there as it is', async () => {
  const root = await temporaryDirectory();
  await proveReceipt(root, receipt);
  const folder = join(root, 'dist/release/plugin-email');
  expect(await readdir(folder)).toEqual([]);
  const written = join(root, await writeReceipt(root, receipt));
  const { ino, mtimeMs } = await stat(written);
  await proveReceipt(root, receipt);
  expect(await stat(written)).toMatchObject({ ino, mtimeMs });
  expect(await readdir(folder)).toEqual(['promote-public.json']);
});

test.each(['', '..', '../x', 'a/b', '.hidden', '@scope/name', 'a\0'])(
  'a receipt cannot be named after %j',
  async (name) => {
    const root = await temporaryDirectory();
    for (const named of [{ project: name }, { target: name }]) {
      const refusal = { code: 'receipt-invalid' };
      await expect(writeReceipt(root, { ...receipt, ...named })).rejects.toMatchObject(refusal);
      await expect(proveReceipt(root, { ...receipt, ...named })).rejects.toMatchObject(refusal);
    }
    expect(await readdir(root)).toEqual([]);
  },
);
