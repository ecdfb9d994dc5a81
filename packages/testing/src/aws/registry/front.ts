import type { IncomingMessage, ServerResponse } from 'node:http';

import type { EcrRegistry } from '../ecr/registries.js';
import type { Principal } from '../principals.js';
import type { World } from '../world.js';
import type { Rates } from './rates.js';
import type { RegistryAction } from './routes.js';
import type { Storage } from './storage.js';

/** What makes a registry ECR or ECR Public, in front of one that keeps the images. */
export interface Front {
  readonly world: World;
  readonly storage: Storage;
  /** In the log of calls: `146628656107/us-west-2`, `public`. */
  readonly name: string;
  readonly region: string;
  /** The registry that keeps the images. */
  readonly upstream: string;
  readonly rates: Rates;
  /** What was said of the first part of an upload, by its id: later parts change nothing of it. */
  readonly ranges: Map<string, string>;
  /** Whether blobs can be mounted. */
  readonly mounting: boolean;
  /** Whether it answers the referrers API. */
  readonly referrers: boolean;
  /** Throws for manifests that only this registry refuses. */
  readonly checkManifest: (bytes: Uint8Array) => void;
  /** Who asks; `undefined` for somebody without a name. Throws a fault for others. */
  readonly visitor: (request: IncomingMessage) => Principal | undefined;
  /** Throws the fault for somebody who may not do it. */
  readonly authorize: (visit: Visit) => void;
  /** Which repository a name in an address means; `undefined` when there is no such registry. */
  readonly find: (name: string) => Place | undefined;
  /** Answers requests for tokens; `undefined` for those that are for something else. */
  readonly token?: (request: IncomingMessage, path: string) => unknown;
}

interface Place {
  readonly registry: EcrRegistry;
  /** As ECR's API calls it: without what stands before all names of the registry. */
  readonly repository: string;
}

/** A request of somebody who is known, for a place. */
export interface Visit {
  readonly visitor: Principal | undefined;
  readonly action: RegistryAction;
  readonly place: Place;
  /** A tag, a digest, or the id of an upload. */
  readonly reference: string;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
}

/** Of `Authorization: Basic …` with the user `AWS`; empty for another user. */
export function passwordIn(header: string | undefined): string | undefined {
  const [, encoded] = /^Basic ([\w+/=]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const pair = Buffer.from(encoded, 'base64').toString();
  return pair.startsWith('AWS:') ? pair.slice('AWS:'.length) : '';
}
