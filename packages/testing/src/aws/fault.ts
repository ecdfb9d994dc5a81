import { randomUUID } from 'node:crypto';

import { rootXml } from './xml.js';

/** What AWS answers instead of a result. Protocols have their own names for what is common to all. */
export class AwsFault extends Error {
  readonly kind: FaultKind;

  constructor(kind: FaultKind, message: string) {
    super(message);
    this.kind = kind;
  }
}

/** The names that those in XML and the one in JSON have, with the status; or the exact name where only one has it. */
export type FaultKind = CommonFault | { readonly code: string; readonly status?: number };

type CommonFault = keyof typeof names;

export type Protocol = 'query' | 'rest-xml' | 'json';

export function nameOf(kind: FaultKind, protocol: Protocol): { code: string; status: number } {
  if (typeof kind === 'object') return { code: kind.code, status: kind.status ?? 400 };
  const { query, json } = names[kind];
  return protocol === 'json' ? { code: json, status: 400 } : query;
}

/** How a fault is written. */
export function faultBody(protocol: Protocol, code: string, message: string): string {
  if (protocol === 'json') return JSON.stringify({ __type: code, message });
  return rootXml('ErrorResponse', services[protocol], {
    Error: { Type: 'Sender', Code: code, Message: message },
    RequestId: randomUUID(),
  });
}

/** STS is the one that speaks the Query protocol, CloudFront the one that has resources in XML. */
const services = { query: 'sts', 'rest-xml': 'cloudfront' } as const;

const names = {
  'access-denied': {
    query: { code: 'AccessDenied', status: 403 },
    json: 'AccessDeniedException',
  },
  'expired-token': {
    query: { code: 'ExpiredToken', status: 403 },
    json: 'ExpiredTokenException',
  },
  'unknown-key': {
    query: { code: 'InvalidClientTokenId', status: 403 },
    json: 'UnrecognizedClientException',
  },
  'bad-signature': {
    query: { code: 'SignatureDoesNotMatch', status: 403 },
    json: 'InvalidSignatureException',
  },
  'no-signature': {
    query: { code: 'MissingAuthenticationToken', status: 403 },
    json: 'MissingAuthenticationTokenException',
  },
  'incomplete-signature': {
    query: { code: 'IncompleteSignature', status: 400 },
    json: 'IncompleteSignatureException',
  },
  throttled: {
    query: { code: 'Throttling', status: 400 },
    json: 'ThrottlingException',
  },
} as const;
