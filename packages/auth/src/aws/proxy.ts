import { isIPv4 } from 'node:net';

export interface Target {
  /** Without brackets around an IPv6 address, or with. */
  readonly hostname: string;
  readonly port: number;
}

/**
 * Whether NO_PROXY lets a server be asked directly: it is named there, with its port or without, or is
 * below a domain that is, or everything is (`*`). What is on this machine always is.
 */
export function isDirect({ hostname, port }: Target, noProxy = ''): boolean {
  const host = hostname.toLowerCase().replace(/^\[|\]$/g, '');
  if (host === 'localhost' || host === '::1' || (isIPv4(host) && host.startsWith('127.'))) {
    return true;
  }
  return noProxy
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true;
      const [, name = entry, ofPort] = /^(.+[^:]):(\d+)$/.exec(entry) ?? [];
      if (ofPort !== undefined && Number(ofPort) !== port) return false;
      const domain = name.replace(/^\*?\.|^\[|\]$/g, '');
      return host === domain || host.endsWith(`.${domain}`);
    });
}

/** The address of a proxy as HTTPS_PROXY has it, or `undefined` for what is none. */
export function parseProxy(text: string): URL | undefined {
  try {
    const url = new URL(/^[a-z][\w+.-]*:\/\//i.test(text) ? text : `http://${text}`);
    return /^https?:$/.test(url.protocol) ? url : undefined;
  } catch {
    return undefined;
  }
}
