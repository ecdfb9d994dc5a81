import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';

import type { Digest } from '@teleport-plugins/oci';

import { ReleaseError } from './error.js';
import type { ProtectionFlag } from './protection.js';
import { quoted } from './quoted.js';
import type { Version } from './version.js';

/**
 * What a step did: for people and CI, never an input of a decision, and without secrets. Its JSON has
 * the schema `packages/release/schemas/receipt.schema.json`.
 */
export interface Receipt {
  /** The Nx project and target. */
  readonly project: string;
  readonly target: string;
  /** Absent, as is the release tag, for what was done to a registry as a whole. */
  readonly version?: Version | undefined;
  readonly releaseTag?: string | undefined;
  readonly environment: string;
  /** In a dry run all that follows is what would have been done. */
  readonly isDryRun: boolean;
  /** The flags that lifted a protection. */
  readonly allowed: readonly ProtectionFlag[];
  readonly images: readonly ImageReceipt[];
  /** What is in object stores: archives, and versions of Terraform registries. */
  readonly stores: readonly StoreReceipt[];
  readonly transfer: TransferReceipt;
  readonly git: { readonly commit: string; readonly isClean: boolean };
  /** Who released: the ARN of a role, or a user of the machine. */
  readonly identity: string;
  readonly startedAt: Date;
  readonly finishedAt: Date;
}

/** An image at the place where the step put or found it. */
export interface ImageReceipt {
  /** `host[:port]/name` of a registry's repository, or the folder of a layout. */
  readonly repository: string;
  readonly digest: Digest;
  readonly tags: readonly { readonly tag: string; readonly result: TagResult }[];
}

export type TagResult = 'tagged' | 'moved' | 'already';

/** Objects at the store where the step put or found them. */
export interface StoreReceipt {
  /** `s3://bucket/prefix` or `file:path`. */
  readonly store: string;
  readonly objects: readonly ObjectReceipt[];
  /** The ids of the keys that a version is signed with; none for what is not signed. */
  readonly signedBy: readonly string[];
}

export interface ObjectReceipt {
  readonly key: string;
  /** Of its bytes, in hex. Absent, as is the size, for a document that others write too. */
  readonly sha256?: string | undefined;
  /** In bytes. */
  readonly size?: number | undefined;
  readonly result: ObjectResult;
}

export type ObjectResult = 'created' | 'replaced' | 'removed' | 'already';

/** What went over the wire, and what did not have to. */
export interface TransferReceipt {
  readonly copied: Amount;
  readonly mounted: Amount;
  readonly skipped: Amount;
  readonly requests: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Blobs and manifests, or objects, and their sizes in bytes. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/**
 * Writes `dist/release/<project>/<target>.json`, whole or not at all, over the receipt of an earlier
 * run. Returns that path, relative to the workspace. Throws `receipt-invalid` and `receipt-unwritable`.
 */
export async function writeReceipt(workspaceRoot: string, receipt: Receipt): Promise<string> {
  const file = receiptFile(receipt);
  const text = formatReceipt(receipt);
  await writing(file, () => inPlace(join(workspaceRoot, file), text, rename));
  return file;
}

/**
 * Finds out whether `writeReceipt` could write the receipt of this project and target, before there is
 * one to write: makes its folder, and writes there and removes again. Leaves a receipt of an earlier
 * run as it is. Throws what `writeReceipt` would throw.
 */
export async function proveReceipt(
  workspaceRoot: string,
  receipt: Pick<Receipt, 'project' | 'target'>,
): Promise<void> {
  const file = receiptFile(receipt);
  await writing(file, () => inPlace(join(workspaceRoot, file), '', refuseFolder));
}

/** The JSON of a receipt: the same receipt always gives the same text. */
export function formatReceipt(receipt: Receipt): string {
  const { git, transfer } = receipt;
  // Written out, so that the order is ours and nothing comes along that a receipt does not have.
  const json = {
    schemaVersion: 1,
    project: receipt.project,
    target: receipt.target,
    version: receipt.version,
    releaseTag: receipt.releaseTag,
    environment: receipt.environment,
    dryRun: receipt.isDryRun,
    allowed: [...receipt.allowed].sort(),
    images: receipt.images.map(({ repository, digest, tags }) => ({
      repository,
      digest,
      tags: tags.map(({ tag, result }) => ({ tag, result })),
    })),
    stores: receipt.stores.map(({ store, objects, signedBy }) => ({
      store,
      objects: objects.map(({ key, sha256, size, result }) => ({ key, sha256, size, result })),
      signedBy: [...signedBy],
    })),
    transfer: {
      copied: amount(transfer.copied),
      mounted: amount(transfer.mounted),
      skipped: amount(transfer.skipped),
      requests: transfer.requests,
      bytesSent: transfer.bytesSent,
      bytesReceived: transfer.bytesReceived,
    },
    git: { commit: git.commit, clean: git.isClean },
    identity: receipt.identity,
    startedAt: receipt.startedAt.toISOString(),
    finishedAt: receipt.finishedAt.toISOString(),
  };
  return `${JSON.stringify(json, undefined, 2)}\n`;
}

function receiptFile({ project, target }: Pick<Receipt, 'project' | 'target'>): string {
  for (const name of [project, target]) {
    if (/^[A-Za-z0-9][\w.-]*$/.test(name)) continue;
    const message = `a receipt cannot be named after ${quoted(name)}: expected letters, digits, "_", "." and "-"`;
    throw new ReleaseError('receipt-invalid', message);
  }
  return join('dist', 'release', project, `${target}.json`);
}

function amount({ count, bytes }: Amount): Amount {
  return { count, bytes };
}

async function writing(file: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    const { message } = cause as Error;
    throw new ReleaseError(
      'receipt-unwritable',
      `${file}: the receipt cannot be written: ${message}; see that dist/release can be written and nothing is in its way, then run the step again`,
      { cause },
    );
  }
}

/** Writes a file under another name, and `place`s it when all of it is on the disk. */
async function inPlace(
  path: string,
  text: string,
  place: (temporary: string, path: string) => Promise<void>,
): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const temporary = `${path}.${randomUUID()}.tmp`;
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await place(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Refuses what `rename` would refuse. */
async function refuseFolder(_temporary: string, path: string): Promise<void> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isDirectory() === true) throw new Error('a folder has its name');
}
