import { isAbsolute } from 'node:path';

import { byType, checked, type Decoder, text, word } from '../json/decode.js';
import { list } from '../json/list.js';
import { object, optional } from '../json/object.js';
import { type Setting, setting, type Variables } from '../setting.js';
import { variableName } from '../variable-name.js';

/** Where the key is that a Terraform registry signs with. The key itself is in no file of the workspace. */
export type SigningKey =
  /** One that the machine makes for itself, and that nobody is to trust. */
  | { readonly kind: 'throwaway' }
  | {
      readonly kind: 'variable';
      /** The variable that holds the armor. */
      readonly variable: string;
      readonly passphraseVariable: string | undefined;
    }
  | {
      readonly kind: 'file';
      /** An absolute path. */
      readonly path: string;
      readonly passphraseVariable: string | undefined;
    }
  | {
      readonly kind: 'program';
      /** The program and its arguments: it signs for a key that it does not give away. */
      readonly command: readonly string[];
      /** The file of the public half: an absolute path, or one in the workspace. */
      readonly publicKey: string;
    };

/** A key as the configuration has it: by one of `variable`, `file` and `program`. */
export type DeclaredSigningKey =
  | 'throwaway'
  | {
      readonly variable: string | undefined;
      readonly file: Setting<string> | undefined;
      readonly passphraseVariable: string | undefined;
      readonly program: readonly string[] | undefined;
      readonly publicKey: string | undefined;
    };

const keyExpected =
  'where a key is: { "variable" or "file", "passphraseVariable" }, or { "program", "publicKey" }';

/** Handed to a program as it is. */
const argument = text('a text that is not empty', (each) =>
  each !== '' && !each.includes('\0') ? each : undefined,
);

const keyFile = setting('the absolute path of a file', (path) =>
  isAbsolute(path) && !path.includes('\0') ? path : undefined,
);

export const signingKey: Decoder<DeclaredSigningKey> = byType<DeclaredSigningKey>(
  `"throwaway", or ${keyExpected}`,
  {
    string: word(['throwaway']),
    object: checked(
      object(keyExpected, {
        variable: optional(variableName, undefined),
        file: optional(keyFile, undefined),
        passphraseVariable: optional(variableName, undefined),
        program: optional(
          list('an array of a program and its arguments', argument, { minimum: 1 }),
          undefined,
        ),
        publicKey: optional(argument, undefined),
      }),
      ({ variable, file, passphraseVariable, program, publicKey }, place) => {
        if ([variable, file, program].filter((each) => each !== undefined).length !== 1) {
          return place.refuse('expected one of "variable", "file" and "program"');
        }
        if ((program === undefined) !== (publicKey === undefined)) {
          return place.refuse('expected "program" and "publicKey" together');
        }
        return program !== undefined && passphraseVariable !== undefined
          ? place.refuse('expected no "passphraseVariable" beside "program"')
          : undefined;
      },
    ),
  },
);

/** Throws `variable-missing` and `variable-invalid` for the path of a file; the key itself is not looked for. */
export function signingKeyOf(declared: DeclaredSigningKey, variables: Variables): SigningKey {
  if (declared === 'throwaway') return { kind: 'throwaway' };
  const { variable, file, passphraseVariable, program, publicKey = '' } = declared;
  if (program !== undefined) return { kind: 'program', command: program, publicKey };
  if (variable !== undefined) return { kind: 'variable', variable, passphraseVariable };
  return { kind: 'file', path: file?.read(variables) ?? '', passphraseVariable };
}

/** Whether two registries that sign with these would sign with the same key, as far as the names tell. */
export function isSameKey(a: DeclaredSigningKey, b: DeclaredSigningKey): boolean {
  // Each registry makes a throwaway key of its own.
  if (a === 'throwaway' || b === 'throwaway') return false;
  if (a.publicKey !== undefined) return a.publicKey === b.publicKey;
  return a.variable !== undefined && a.variable === b.variable;
}
