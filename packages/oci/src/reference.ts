import { isIPv4, isIPv6 } from 'node:net';

import { parseDigest, type Digest } from './digest.js';
import { OciError } from './error.js';
import { quoted } from './quoted.js';

/**
 * Where an image is in a registry: `host[:port]/name[:tag][@digest]`.
 * https://github.com/distribution/reference/blob/v0.6.0/reference.go (grammar)
 */
export interface Reference {
  /** `host[:port]`, lower case; an IPv6 address is in brackets. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/**
 * Reads a full reference. The registry must be written out: no name is taken to mean docker.io, and no
 * missing tag to mean latest. Throws `reference-invalid`, or `digest-invalid` for what is behind the `@`.
 */
export function parseReference(text: string): Reference {
  const [name, digest] = splitOnce(text, text.indexOf('@'));
  const slash = name.indexOf('/');
  if (slash < 0) throw invalid(text, 'it has no registry; write it as host[:port]/name');
  const [path, tag] = splitOnce(name.slice(slash + 1), name.indexOf(':', slash) - slash - 1);
  const registry = parseRegistry(name.slice(0, slash), text);
  const repository = parseRepositoryName(path);
  if (registry.length + 1 + repository.length > longestName) {
    throw invalid(text, `the registry and name together are longer than ${longestName} characters`);
  }
  return {
    registry,
    repository,
    ...(tag !== undefined && { tag: parseTag(tag) }),
    ...(digest !== undefined && { digest: parseDigest(digest) }),
  };
}

/** The inverse of `parseReference`. */
export function formatReference({ registry, repository, tag, digest }: Reference): string {
  const label = tag === undefined ? '' : `:${tag}`;
  const identity = digest === undefined ? '' : `@${digest}`;
  return `${registry}/${repository}${label}${identity}`;
}

/** The name of a repository within its registry: `acme/tools/server`. Throws `reference-invalid`. */
export function parseRepositoryName(text: string): string {
  if (text.length > longestName) {
    throw invalid(text, `a repository's name is at most ${longestName} characters long`);
  }
  const part = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
  if (new RegExp(`^${part}(?:/${part})*$`).test(text)) return text;
  throw invalid(
    text,
    'a repository\'s name is lower-case letters and digits, joined by ".", "_", "__" or "-", in parts separated by "/"',
  );
}

/** A tag: `9.3.7`, `latest`. Throws `reference-invalid`. */
export function parseTag(text: string): string {
  if (isTag(text)) return text;
  throw invalid(
    text,
    'a tag is 1 to 128 letters, digits, "_", "." and "-", and does not begin with "." or "-"',
  );
}

/** What stands for a manifest within a repository: a tag, or a digest, which has a colon. */
export function parseTagOrDigest(text: string): { tag: string } | { digest: Digest } {
  return text.includes(':') ? { digest: parseDigest(text) } : { tag: parseTag(text) };
}

export function isTag(text: string): boolean {
  return /^\w[\w.-]{0,127}$/.test(text);
}

const longestName = 255;

function parseRegistry(text: string, reference: string): string {
  const match = /^(\[[^[\]]*\]|[^:[\]]*)(?::([0-9]{1,5}))?$/.exec(text);
  const [, host = '', port] = match ?? [];
  if (!match || !isHost(host)) {
    throw invalid(reference, `${quoted(text)} is not a registry (host[:port])`);
  }
  if (!/[.:]/.test(text) && text.toLowerCase() !== 'localhost') {
    throw invalid(
      reference,
      `${quoted(text)} is not a registry: write the host with its domain or port`,
    );
  }
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65535)) {
    throw invalid(reference, `${port} is not a port`);
  }
  return text.toLowerCase();
}

function isHost(host: string): boolean {
  if (host.startsWith('[')) return isIPv6(host.slice(1, -1)) && !host.includes('%');
  const label = '[a-z0-9](?:[a-z0-9-]*[a-z0-9])?';
  if (!new RegExp(`^${label}(?:\\.${label})*$`, 'i').test(host)) return false;
  // A URL parser takes 0x7f.1 or 127.1 for an address, and so would connect elsewhere than it says.
  return isIPv4(host) || !/(?:^|\.)(?:[0-9]+|0x[0-9a-f]*)$/i.test(host);
}

function splitOnce(text: string, at: number): [string, string?] {
  return at < 0 ? [text] : [text.slice(0, at), text.slice(at + 1)];
}

function invalid(text: string, why: string): OciError {
  return new OciError('reference-invalid', `${quoted(text)} is not a valid reference: ${why}`);
}
