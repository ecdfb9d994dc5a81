import { isIPv4 } from 'node:net';

import { OciError, parseReference } from '@teleport-plugins/oci';

import { failed, type Task } from './task.js';

export type Scheme = 'http' | 'https';

/**
 * The address of a registry given as `host[:port]`. Loopback hosts speak plain HTTP unless told
 * otherwise, all others HTTPS. Throws `reference-invalid`.
 */
export function registryUrl(host: string, scheme: Scheme | undefined): URL {
  // What is a host is part of the grammar of references.
  if (parseReference(`${host}/x`).registry !== host.toLowerCase() || host.includes('/')) {
    throw new OciError('reference-invalid', `${JSON.stringify(host)} is not a registry's host`);
  }
  const { hostname } = new URL(`http://${host}`);
  return new URL(`${scheme ?? (isLoopback(hostname) ? 'http' : 'https')}://${endpointOf(host)}`);
}

/** Whether a URL's host name is this machine. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname === '[::1]' ||
    (isIPv4(hostname) && hostname.startsWith('127.'))
  );
}

/** A URL as it may stand in a message: queries hold signatures and tokens. */
export function shown(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

/**
 * Where an answer points to (`Location`). Never from an encrypted connection to a plain one, nor to
 * anything but HTTP: throws `unsafe-address`. A user and password in it are dropped.
 */
export function pointedTo(location: string, from: URL, task: Task): URL {
  let url: URL;
  try {
    url = new URL(location, from);
  } catch {
    // Not kept as cause: it holds the whole text.
    throw failed('garbage', task, from, 'answered with a Location that is not an address');
  }
  if (url.protocol !== 'https:' && (url.protocol !== 'http:' || from.protocol === 'https:')) {
    const isPlain = url.protocol === 'http:';
    throw failed(
      'unsafe-address',
      task,
      from,
      `points from https to ${isPlain ? `plain http (${url.origin})` : url.protocol}, which is not followed`,
      isPlain
        ? 'a registry behind a proxy that terminates TLS needs X-Forwarded-Proto from it'
        : undefined,
    );
  }
  url.username = '';
  url.password = '';
  url.hash = '';
  return url;
}

/**
 * Whether a token server may be sent this registry's credential. It may be on another host (docker.io
 * and ECR Public do that), because the registry itself names it; but only where nobody between could
 * have named it or could read along: over https from a registry over https, or from this machine. The
 * registry's own origin always may: it gets the credential either way.
 */
export function isTrustedRealm(realm: URL, registry: URL): boolean {
  if (realm.origin === registry.origin) return true;
  if (registry.protocol === 'https:') return realm.protocol === 'https:';
  if (!isLoopback(registry.hostname)) return false;
  return realm.protocol === 'https:' || (realm.protocol === 'http:' && isLoopback(realm.hostname));
}

/** Docker Hub's registry does not answer under its name. */
function endpointOf(host: string): string {
  return ['docker.io', 'index.docker.io'].includes(host.toLowerCase())
    ? 'registry-1.docker.io'
    : host;
}
