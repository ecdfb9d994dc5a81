import { PluginError } from './error.js';

/**
 * What all events about an access request say. The names are those of Teleport's audit events
 * (`AccessRequestCreate` in api/proto/teleport/legacy/types/events/events.proto), in camel case.
 */
interface AccessRequestFacts {
  /** Unique for one event. */
  readonly uid: string;
  /** The access request, in Teleport's `id`. */
  readonly requestId: string;
  /** RFC 3339, as Teleport wrote it. Fluentd takes it out of what it forwards, unless told to keep it. */
  readonly time: string | undefined;
  readonly clusterName: string | undefined;
  /** The request's state after the event: `PENDING`, `APPROVED`, `DENIED`, `PROMOTED`, … */
  readonly state: string;
  readonly reason: string | undefined;
}

/** Somebody asks for roles or resources. */
export interface AccessRequestCreated extends AccessRequestFacts {
  readonly event: 'access_request.create';
  readonly user: string;
  readonly roles: readonly string[];
  readonly resourceNames: readonly string[];
}

/** Somebody reviewed a request; the state is what came of it, not what the reviewer proposed. */
export interface AccessRequestReviewed extends AccessRequestFacts {
  readonly event: 'access_request.review';
  readonly reviewer: string | undefined;
  readonly proposedState: string | undefined;
}

/** A request's state was set. */
export interface AccessRequestUpdated extends AccessRequestFacts {
  readonly event: 'access_request.update';
  readonly updatedBy: string | undefined;
}

export type AccessRequestEvent =
  AccessRequestCreated | AccessRequestReviewed | AccessRequestUpdated;

/** The events that notify somebody, with the code of the successful one. */
const codes = {
  'access_request.create': 'T5000I',
  'access_request.update': 'T5001I',
  'access_request.review': 'T5002I',
} as const satisfies Record<AccessRequestEvent['event'], string>;

/** Ids and names are kept in memory and on disk; Teleport's are UUIDs and well below. */
const nameLimit = 256;
const textLimit = 4096;
const rolesLimit = 1000;
/** Teleport takes 300 resources in one request, with names as long as ARNs: people need not read all. */
const resourcesLimit = 100;

/**
 * Picks the events about access requests out of an audit log.
 *
 * @param where names the event in an error, for people: `event 3`
 * @returns `undefined` for an event of another type, and for an attempt that failed (its code is not ours)
 * @throws PluginError event-invalid
 */
export function parseEvent(value: unknown, where: string): AccessRequestEvent | undefined {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new PluginError('event-invalid', `${where}: expected a JSON object`);
  }
  const fields = value as Readonly<Record<string, unknown>>;
  const event = fields.event;
  if (typeof event !== 'string' || event === '') {
    throw new PluginError('event-invalid', `${where}: event: expected the type of an audit event`);
  }
  if (!isPicked(event) || (fields.code !== undefined && fields.code !== codes[event]))
    return undefined;
  const read = readerOf(fields, `${where} (${event})`);
  const facts: AccessRequestFacts = {
    uid: read.name('uid'),
    requestId: read.name('id'),
    time: read.optional('time', nameLimit),
    clusterName: read.optional('cluster_name', nameLimit),
    state: read.name('state'),
    reason: read.optional('reason', textLimit),
  };
  switch (event) {
    case 'access_request.create':
      return {
        event,
        ...facts,
        user: read.name('user'),
        roles: read.names('roles', rolesLimit),
        resourceNames: read.texts('resource_names', resourcesLimit),
      };
    case 'access_request.review':
      return {
        event,
        ...facts,
        reviewer: read.optional('reviewer', nameLimit),
        proposedState: read.optional('proposed_state', nameLimit),
      };
    case 'access_request.update':
      return {
        event,
        ...facts,
        // A plugin that acts for somebody names them as delegator; `user` is whoever made the call.
        updatedBy:
          read.optional('delegator', nameLimit) ??
          read.optional('updated_by', nameLimit) ??
          read.optional('user', nameLimit),
      };
  }
}

function isPicked(event: string): event is AccessRequestEvent['event'] {
  return Object.hasOwn(codes, event);
}

/** Reads fields as Teleport writes them: an absent one is missing, null or empty. */
function readerOf(fields: Readonly<Record<string, unknown>>, where: string) {
  const fail = (key: string, expected: string): never => {
    throw new PluginError('event-invalid', `${where}: ${key}: expected ${expected}`);
  };
  const name = (key: string): string => {
    const value = fields[key];
    return isName(value) ? value : fail(key, `a string of 1 to ${nameLimit} characters`);
  };
  const optional = (key: string, limit: number): string | undefined => {
    const value = fields[key] ?? '';
    if (typeof value !== 'string') return fail(key, 'a string');
    return value === '' ? undefined : cut(value, limit);
  };
  const names = (key: string, limit: number): readonly string[] => {
    const value = fields[key] ?? [];
    if (!Array.isArray(value) || value.length > limit || !value.every(isName)) {
      return fail(key, `at most ${limit} strings of 1 to ${nameLimit} characters`);
    }
    return value;
  };
  const texts = (key: string, limit: number): readonly string[] => {
    const value: unknown = fields[key] ?? [];
    if (!Array.isArray(value)) return fail(key, 'an array of strings');
    const found: readonly unknown[] = value;
    const strings = found.filter((each) => typeof each === 'string' && each !== '') as string[];
    return strings.slice(0, limit).map((each) => cut(each, nameLimit));
  };
  return { name, optional, names, texts };
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= nameLimit;
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}
