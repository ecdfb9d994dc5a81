import { resolve } from 'node:path';

import { folderInside } from './workspace-folder.js';

/** Where objects are: in a folder, or in a bucket of S3 or of a server that speaks as it does. */
export type StoreEndpoint = DirectoryEndpoint | BucketEndpoint;

export interface DirectoryEndpoint {
  readonly kind: 'directory';
  /** An absolute path. */
  readonly directory: string;
}

export interface BucketEndpoint {
  readonly kind: 'bucket';
  readonly bucket: string;
  /** What all keys begin with, before a slash; empty where that is nothing. */
  readonly prefix: string;
}

export const storeExpected =
  'a store such as "s3://bucket/prefix", or "file:.release/artifacts" for a folder of the workspace';

/** A store of the configuration. A folder is inside the workspace: the file is the same on all machines. */
export function parseStore(workspaceRoot: string, text: string): StoreEndpoint | undefined {
  if (!text.startsWith('file:')) return parseBucket(text);
  const directory = folderInside(workspaceRoot, text.slice('file:'.length));
  return directory === undefined ? undefined : { kind: 'directory', directory };
}

/** A store that a variable names, in which a folder may be anywhere on this machine. */
export function parseStoreOverride(workspaceRoot: string, text: string): StoreEndpoint | undefined {
  const [, path] = /^file:(?:\/\/)?(\/(?!\/)[^\0]*)$/.exec(text) ?? [];
  return path === undefined
    ? parseStore(workspaceRoot, text)
    : { kind: 'directory', directory: resolve(path) };
}

/** For people: `s3://bucket/prefix`, `file:/path`. */
export function formatStore(endpoint: StoreEndpoint): string {
  if (endpoint.kind === 'directory') return `file:${endpoint.directory}`;
  const { bucket, prefix } = endpoint;
  return prefix === '' ? `s3://${bucket}` : `s3://${bucket}/${prefix}`;
}

/** https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html */
const bucketUrl = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:\/(.*))?$/;

function parseBucket(text: string): BucketEndpoint | undefined {
  const [, bucket, path = ''] = bucketUrl.exec(text) ?? [];
  if (bucket === undefined || bucket.includes('..')) return undefined;
  const prefix = path.replace(/(?<=.)\/$/, '');
  return prefix === '' || isPrefix(prefix) ? { kind: 'bucket', bucket, prefix } : undefined;
}

/** Only what stands for itself in every URL and policy; that excludes `*`, which is a pattern there. */
function isPrefix(text: string): boolean {
  const segments = text.split('/');
  return (
    text.length <= 512 &&
    segments.every((each) => /^[\w.+=@-]+$/.test(each) && each !== '.' && each !== '..')
  );
}
