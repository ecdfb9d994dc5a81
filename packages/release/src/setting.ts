import { ReleaseError } from './error.js';
import { type Decoder, text } from './json/decode.js';
import { quoted } from './quoted.js';

/** Environment variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** What settings are read in. */
export interface Surroundings {
  readonly workspaceRoot: string;
  readonly variables: Variables;
}

/**
 * A value of the configuration that may name variables, `${NAME}`. One without variables is checked
 * when the file is read, another when it is used: only then its variables have to be set.
 */
export interface Setting<T> {
  /** Whether all variables that it names are set, and not empty. */
  isSet(variables: Variables): boolean;
  /** Throws `variable-missing`, or `variable-invalid` when the text that results is not accepted. */
  read(variables: Variables): T;
}

/** A string with `${NAME}` inside. `parse` answers `undefined` to a text that it does not accept. */
export function setting<T>(
  expected: string,
  parse: (text: string) => T | undefined,
): Decoder<Setting<T>> {
  return text(expected, (template, place) => {
    if (template.replaceAll(named, '').includes('${')) {
      return place.refuse(`expected variables as \${NAME}, found ${quoted(template)}`);
    }
    const names = [...template.matchAll(named)].map(([, each = '']) => each);
    if (names.length === 0) {
      const value = parse(template);
      return value === undefined ? undefined : { isSet: () => true, read: () => value };
    }
    const where = place.where();
    return {
      isSet: (variables) => names.every((each) => (valueOf(variables, each) ?? '') !== ''),
      read: (variables) => {
        const expanded = template.replaceAll(named, (_, each: string) => {
          const value = valueOf(variables, each);
          if (value !== undefined && value !== '') return value;
          const state = value === undefined ? 'not set' : 'empty';
          const what = `${quoted(template)} needs the variable ${each}, which is ${state}`;
          throw new ReleaseError('variable-missing', `${where}: ${what}; expected ${expected}`);
        });
        const value = parse(expanded);
        if (value !== undefined) return value;
        const what = `expected ${expected}, found ${quoted(expanded)} (from ${quoted(template)})`;
        throw new ReleaseError('variable-invalid', `${where}: ${what}`);
      },
    };
  });
}

/**
 * The value of a variable that replaces a setting; `undefined` when it is not set. An empty one is
 * refused, because it would silently release to where the setting says. Throws `variable-invalid`.
 */
export function override<T>(
  variables: Variables,
  variable: string,
  expected: string,
  parse: (text: string) => T | undefined,
): T | undefined {
  const text = valueOf(variables, variable);
  if (text === undefined) return undefined;
  const value = parse(text);
  if (value !== undefined) return value;
  const act = text === '' ? '; unset it to use what release.config.json says' : '';
  throw new ReleaseError(
    'variable-invalid',
    `${variable}: expected ${expected}, found ${quoted(text)}${act}`,
  );
}

const named = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g;

function valueOf(variables: Variables, variable: string): string | undefined {
  return Object.hasOwn(variables, variable) ? variables[variable] : undefined;
}
