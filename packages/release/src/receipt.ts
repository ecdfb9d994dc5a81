import { randomUUID } from 'node:crypto';
import { mkdir, open, rename, rm } from 'node:fs/promises';
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
  readonly version: Version;
  readonly releaseTag: string;
  readonly environment: string;
  /** In a dry run all that follows is what would have been done. */
  readonly isDryRun: boolean;
  /** The flags that lifted a protection. */
  readonly allowed: readonly ProtectionFlag[];
  readonly images: readonly ImageReceipt[];
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

/** What went over the wire, and what did not have to. */
export interface TransferReceipt {
  readonly copied: Amount;
  readonly mounted: Amount;
  readonly skipped: Amount;
  readonly requests: number;
  readonly bytesSent: number;
  readonly bytesReceived: number;
}

/** Blobs and manifests, and their sizes in bytes. */
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
  try {
    await writeWhole(join(workspaceRoot, file), formatReceipt(receipt));
  } catch (cause) {
    const { message } = cause as Error;
    throw new ReleaseError('receipt-unwritable', `${file}: cannot be written: ${message}`, {
      cause,
    });
  }
  return file;
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

function receiptFile({ project, target }: Receipt): string {
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

/** A file appears under its name only when all of it is on the disk. */
async function writeWhole(path: string, text: string): Promise<void> {
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
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
