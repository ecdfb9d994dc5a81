import type { IncomingMessage, ServerResponse } from 'node:http';

import { send, sendFault } from './answer.js';
import { checkSigned } from './authentication.js';
import { readBody } from './body.js';
import { getLifecycle, getVersioning, putLifecycle, putVersioning } from './bucket-settings.js';
import { createBucket, headBucket, listBuckets, listObjects } from './buckets.js';
import { S3Fault } from './fault.js';
import { faultOf, type S3Misbehaviour, type S3Misbehaviours } from './misbehaviour.js';
import { deleteObject, deleteObjects } from './deletion.js';
import { listVersions } from './list-versions.js';
import { copyObject, getObject, getTags, headObject, putObject } from './objects.js';
import { checkRights } from './rights.js';
import { parseCall, type S3Call } from './routes.js';
import {
  abortUpload,
  completeUpload,
  createUpload,
  listUploads,
  uploadPart,
  uploadPartCopy,
} from './uploads.js';
import type { Answer, S3World } from './world.js';

/** Something that S3 was asked. */
export interface S3Request {
  readonly operation: S3Call['operation'];
  readonly bucket: string;
  readonly key: string;
  /** Those that are not secret. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the answer; `undefined` while, and if, there is none. */
  readonly status?: number;
}

export interface Traffic {
  readonly received: number;
  readonly sent: number;
}

export interface Serving {
  readonly world: S3World;
  readonly requests: S3Request[];
  readonly traffic: { -readonly [Key in keyof Traffic]: Traffic[Key] };
  readonly wrong: S3Misbehaviours;
}

type Handler = (world: S3World, call: S3Call, body: readonly Uint8Array[]) => Answer;

const handlers: Readonly<Record<S3Call['operation'], Handler>> = {
  ListBuckets: listBuckets,
  CreateBucket: createBucket,
  HeadBucket: headBucket,
  DeleteObjects: deleteObjects,
  PutBucketVersioning: putVersioning,
  GetBucketVersioning: getVersioning,
  PutBucketLifecycleConfiguration: putLifecycle,
  GetBucketLifecycleConfiguration: getLifecycle,
  ListObjectVersions: listVersions,
  ListMultipartUploads: listUploads,
  ListObjectsV2: listObjects,
  UploadPartCopy: uploadPartCopy,
  UploadPart: uploadPart,
  CopyObject: copyObject,
  PutObject: putObject,
  CreateMultipartUpload: createUpload,
  CompleteMultipartUpload: completeUpload,
  AbortMultipartUpload: abortUpload,
  DeleteObject: deleteObject,
  HeadObject: headObject,
  GetObject: getObject,
  GetObjectTagging: getTags,
};

export async function respond(
  { world, requests, traffic, wrong }: Serving,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const withoutBody = request.method === 'HEAD';
  try {
    const call = parseCall(request);
    const record: { -readonly [Key in keyof S3Request]: S3Request[Key] } = recorded(call);
    requests.push(record);
    response.once('finish', () => (record.status = response.statusCode));
    const rule = wrong.next(call);
    if (rule && isEarly(rule) && (await misanswer(rule, request, response))) return;

    const body = await readBody(request, (count) => (traffic.received += count));
    if (rule?.before) {
      await rule.before();
      if (rule.late !== true && (await misanswer(rule, request, response))) return;
    }
    const accessKeyId = checkSigned(request.headers, (id) => isKnown(world, id), world.region);
    const seen = checkRights(world, call, accessKeyId);
    const answer = handlers[call.operation](seen, call, body);
    if (rule?.late === true && (await misanswer(rule, request, response))) return;
    await send(response, answer, {
      withoutBody,
      broken: rule?.as === 'cut' || rule?.as === 'stall' ? rule.as : undefined,
      onBytes: (count) => (traffic.sent += count),
    });
  } catch (error) {
    if (!(error instanceof S3Fault)) throw error;
    request.resume();
    const token = request.headers['x-amz-security-token'];
    const told =
      world.options.repeatsToken === true ? `The token is ${String(token)}.` : error.message;
    await sendFault(response, error, told, { withoutBody });
  }
}

/** Whether a rule is about a request of which nothing is read. */
function isEarly({ late, before }: S3Misbehaviour): boolean {
  return late !== true && before === undefined;
}

function isKnown({ credentials, options: { permits } }: S3World, accessKeyId: string): boolean {
  if (permits === undefined) return accessKeyId === credentials.accessKeyId;
  return permits(accessKeyId, { action: 's3:ListAllMyBuckets', resource: '*' }) !== 'unknown';
}

/** Does what a rule says in place of the answer; `false` when the rule is about something else. */
async function misanswer(
  { as }: S3Misbehaviour,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<boolean> {
  const fault = faultOf(as);
  if (fault !== undefined) throw fault;
  if (as === 'cut' || as === 'stall' || as === 'nothing') return false;
  request.resume();
  if (as === 'dropped') request.socket.destroy();
  if (as === 'html') {
    response.writeHead(502, { 'content-type': 'text/html' }).end('<html>Bad Gateway</html>');
  }
  if (as === 'late error') {
    const fault = new S3Fault(200, 'InternalError', 'We failed on the way.');
    await sendFault(response, fault, fault.message, { withoutBody: false });
  }
  return true;
}

function recorded({ operation, bucket, key, headers }: S3Call): S3Request {
  const open = Object.entries(headers).filter(
    ([name]) => name !== 'authorization' && name !== 'x-amz-security-token',
  );
  return {
    ...{ operation, bucket, key },
    headers: Object.fromEntries(open.map(([name, value]) => [name, String(value)])),
  };
}
