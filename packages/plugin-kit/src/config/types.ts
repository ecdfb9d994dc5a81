/** The type of one value of a configuration file. */
export interface ValueType<T> {
  /** What to write, for people: `a duration such as "30s"`. */
  readonly expected: string;
  /** The value as the program uses it, or `undefined` when it is not of this type. */
  readonly parse: (value: unknown) => T | undefined;
}

export const text: ValueType<string> = {
  expected: 'a string that is not empty',
  parse: (value) => (typeof value === 'string' && value.trim() !== '' ? value : undefined),
};

export const path: ValueType<string> = { ...text, expected: 'a path' };

export function integer(min: number, max: number): ValueType<number> {
  return {
    expected: `a whole number from ${min} to ${max}`,
    parse: (value) =>
      Number.isInteger(value) && (value as number) >= min && (value as number) <= max
        ? (value as number)
        : undefined,
  };
}

const units: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** As Go writes them, with one unit: `"500ms"`, `"30s"`, `"5m"`, `"12h"`, and `"7d"`; in milliseconds. */
export const duration: ValueType<number> = {
  expected: 'a duration such as "500ms", "30s", "5m", "12h" or "7d", up to "365d"',
  parse: (value) => {
    const [, count, unit] =
      typeof value === 'string' ? (/^(\d{1,9})([a-z]+)$/.exec(value) ?? []) : [];
    const length = Number(count) * (units[unit ?? ''] ?? NaN);
    return length >= 0 && length <= 365 * 86_400_000 ? length : undefined;
  },
};

export function oneOf<T extends string>(...values: readonly T[]): ValueType<T> {
  return {
    expected: `one of ${values.map((value) => JSON.stringify(value)).join(', ')}`,
    parse: (value) =>
      values.find((known) => typeof value === 'string' && known === value.toLowerCase()),
  };
}

/** One value, or an array of them that is not empty. */
export function oneOrMore<T>(type: ValueType<T>): ValueType<readonly T[]> {
  return {
    expected: `${type.expected}, or an array of them`,
    parse: (value) => {
      const parsed = (Array.isArray(value) ? value : [value]).map((each) => type.parse(each));
      return parsed.length > 0 && parsed.every((each) => each !== undefined) ? parsed : undefined;
    },
  };
}

/** `https://teleport.example.com`, without what an address of a server does not have. */
export const httpUrl: ValueType<URL> = {
  expected: 'an address such as "https://teleport.example.com"',
  parse: (value) => {
    if (typeof value !== 'string' || !URL.canParse(value)) return undefined;
    const url = new URL(value);
    const plain =
      url.username === '' && url.password === '' && url.search === '' && url.hash === '';
    return /^https?:$/.test(url.protocol) && plain ? url : undefined;
  },
};

/** Where to listen. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

export const listenAddress: ValueType<ListenAddress> = {
  expected: 'an address and a port such as "127.0.0.1:8080" or "[::]:8080"',
  parse: (value) => {
    if (typeof value !== 'string') return undefined;
    const match = /^(?:\[([\da-fA-F:.]+)\]|([\w.-]+)):(\d{1,5})$/.exec(value);
    const host = match?.[1] ?? match?.[2];
    const port = Number(match?.[3]);
    return host !== undefined && port <= 65_535 ? { host, port } : undefined;
  },
};
