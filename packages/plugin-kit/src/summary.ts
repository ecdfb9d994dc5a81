import type { AccessRequestEvent } from './access-request.js';
import type { Notification } from './plugin.js';

/** A notification in words. Each text is one line without control characters; none is escaped for a markup. */
export interface Summary {
  /** The same for all notifications about a request of which the creation is known. */
  readonly subject: string;
  /** What happened. */
  readonly headline: string;
  readonly facts: readonly Fact[];
  /** The request's state after the event. */
  readonly status: string;
  /** Where to see and review the request. */
  readonly link: string | undefined;
}

export interface Fact {
  readonly label: string;
  readonly value: string;
}

export function summarize(
  { event, request }: Pick<Notification, 'event' | 'request'>,
  teleportUrl: URL | undefined,
): Summary {
  const user = request === undefined ? undefined : oneLine(request.user, 100);
  const cluster = event.clusterName ?? request?.clusterName;
  const about =
    request === undefined || user === undefined
      ? `request ${oneLine(event.requestId, 100)}`
      : `${user} requests ${wanted(request.roles, request.resourceNames)}`;
  return {
    subject: (cluster === undefined ? '' : `[${oneLine(cluster, 60)}] `) + `Access: ${about}`,
    headline: headlineOf(event, user),
    facts: factsOf(event, request, cluster),
    status: statusOf(event.state),
    link: teleportUrl === undefined ? undefined : linkOf(teleportUrl, event.requestId),
  };
}

function headlineOf(event: AccessRequestEvent, user: string | undefined): string {
  const whose = user === undefined ? 'an access request' : `the access request of ${user}`;
  switch (event.event) {
    case 'access_request.create':
      return `${oneLine(event.user, 100)} requests access`;
    case 'access_request.review': {
      const reviewer = oneLine(event.reviewer ?? 'Somebody', 100);
      return `${reviewer} ${verbOf(event.proposedState)} ${whose}`;
    }
    case 'access_request.update': {
      const by = event.updatedBy === undefined ? '' : ` by ${oneLine(event.updatedBy, 100)}`;
      return `${capitalized(whose)} was set to ${oneLine(event.state, 40)}${by}`;
    }
  }
}

function factsOf(
  event: AccessRequestEvent,
  request: Notification['request'],
  cluster: string | undefined,
): readonly Fact[] {
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Request', event.requestId],
    ['Cluster', cluster],
    ['User', request?.user],
    ['Roles', list(request?.roles)],
    ['Resources', list(request?.resourceNames)],
    ['Reason for the request', request?.reason],
    ...(event.event === 'access_request.create'
      ? []
      : ([[event.event === 'access_request.review' ? 'Review' : 'Reason', event.reason]] as const)),
    ['Time', event.time],
  ];
  return facts.flatMap(([label, value]) => {
    const text = oneLine(value ?? '', 1000);
    return text === '' ? [] : [{ label, value: text }];
  });
}

/** Control characters, those that turn the direction of text, and white space of any kind are one space. */
export function oneLine(text: string, limit: number): string {
  const line = text.replaceAll(/[\p{C}\p{Z}\s]+/gu, ' ').trim();
  if (line.length <= limit) return line;
  // Not between the two halves of a character.
  return `${line.slice(0, limit - 1).replace(/\p{Cs}$/u, '')}…`;
}

function wanted(roles: readonly string[], resources: readonly string[]): string {
  if (resources.length > 0) return oneLine(resources.join(', '), 100);
  return roles.length > 0 ? oneLine(roles.join(', '), 100) : 'access';
}

function list(values: readonly string[] | undefined): string | undefined {
  return values?.join(', ');
}

const signs: Readonly<Record<string, string>> = {
  PENDING: '⏳',
  APPROVED: '✅',
  DENIED: '❌',
  PROMOTED: '⬆️',
};

function statusOf(state: string): string {
  const name = oneLine(state, 40);
  return Object.hasOwn(signs, name) ? `${signs[name] ?? ''} ${name}` : name;
}

function verbOf(proposedState: string | undefined): string {
  if (proposedState === 'APPROVED') return 'approved';
  return proposedState === 'DENIED' ? 'denied' : 'reviewed';
}

function linkOf(teleportUrl: URL, requestId: string): string {
  const base = teleportUrl.href.replace(/\/+$/, '');
  return `${base}/web/requests/${encodeURIComponent(oneLine(requestId, 256))}`;
}

function capitalized(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
