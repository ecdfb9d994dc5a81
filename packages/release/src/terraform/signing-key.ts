import { isAbsolute } from 'node:path';

import { byType, checked, type Decoder, word } from '../json/decode.js';
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
    };

/** A key as the configuration has it: `variable` or `file`, not both. */
export type DeclaredSigningKey =
  | 'throwaway'
  | {
      readonly variable: string | undefined;
      readonly file: Setting<string> | undefined;
      readonly passphraseVariable: string | undefined;
    };

const keyFile = setting('the absolute path of a file', (path) =>
  isAbsolute(path) && !path.includes('\0') ? path : undefined,
);

export const signingKey: Decoder<DeclaredSigningKey> = byType<DeclaredSigningKey>(
  '"throwaway", or where a key is: { "variable" or "file", "passphraseVariable" }',
  {
    string: word(['throwaway']),
    object: checked(
      object('where a key is: { "variable" or "file", "passphraseVariable" }', {
        variable: optional(variableName, undefined),
        file: optional(keyFile, undefined),
        passphraseVariable: optional(variableName, undefined),
      }),
      ({ variable, file }, place) =>
        (variable === undefined) === (file === undefined)
          ? place.refuse('expected one of "variable" and "file"')
          : undefined,
    ),
  },
);

/** Throws `variable-missing` and `variable-invalid` for the path of a file; the key itself is not looked for. */
export function signingKeyOf(declared: DeclaredSigningKey, variables: Variables): SigningKey {
  if (declared === 'throwaway') return { kind: 'throwaway' };
  const { variable, file, passphraseVariable } = declared;
  if (variable !== undefined) return { kind: 'variable', variable, passphraseVariable };
  return { kind: 'file', path: file?.read(variables) ?? '', passphraseVariable };
}

/** Whether two registries that sign with these would sign with the same key, as far as the names tell. */
export function isSameKey(a: DeclaredSigningKey, b: DeclaredSigningKey): boolean {
  // Each registry makes a throwaway key of its own.
  if (a === 'throwaway' || b === 'throwaway') return false;
  return a.variable !== undefined && a.variable === b.variable;
}
