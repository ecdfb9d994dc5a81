import { scan, type HeaderScanner } from './header-scanner.js';

/** What a server asks for with a 401. https://datatracker.ietf.org/doc/html/rfc9110#section-11.6.1 */
export interface Challenge {
  /** Lower case: `basic`, `bearer`. */
  readonly scheme: string;
  /** By lower-case name. */
  readonly parameters: ReadonlyMap<string, string>;
}

/**
 * The challenges of all `WWW-Authenticate` headers of an answer, in order; one header may hold several.
 * Never throws: what cannot be read ends the header it is in.
 */
export function parseChallenges(headers: readonly string[]): readonly Challenge[] {
  return headers.flatMap((header) => [...challengesIn(header)]);
}

function* challengesIn(header: string): Generator<Challenge> {
  const scanner = scan(header);
  for (;;) {
    scanner.skip(' ,');
    const scheme = scanner.token();
    if (scheme === undefined) return;
    yield { scheme: scheme.toLowerCase(), parameters: new Map(parametersIn(scanner)) };
  }
}

function* parametersIn(scanner: HeaderScanner): Generator<[string, string]> {
  const names = new Set<string>();
  for (let isFirst = true; ; isFirst = false) {
    const start = scanner.position;
    scanner.skip(isFirst ? ' ' : ' ,');
    const parameter = parameterIn(scanner);
    if (parameter === undefined) {
      scanner.position = start;
      // Behind the scheme, and only there, may stand a credential without a name: nothing we know how to use.
      if (isFirst) skipToken68(scanner);
      return;
    }
    const [name, value] = parameter;
    if (!names.has(name)) yield [name, value];
    names.add(name);
  }
}

/** `name=value`, or `undefined` where something else begins (the next challenge). */
function parameterIn(scanner: HeaderScanner): [string, string] | undefined {
  const name = scanner.token();
  scanner.skip(' ');
  if (name === undefined || !scanner.take('=')) return undefined;
  scanner.skip(' ');
  const value = scanner.quotedString() ?? scanner.token();
  return value === undefined ? undefined : [name.toLowerCase(), value];
}

function skipToken68(scanner: HeaderScanner): void {
  if (scanner.take(' ')) scanner.until(',');
}
