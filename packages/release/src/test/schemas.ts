import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { Ajv } from 'ajv';

/** A check of one of the shipped schemas by a validator that is not ours; it returns what is wrong. */
export function validatorOf(schema: string): (json: unknown) => readonly string[] {
  const text = readFileSync(join(import.meta.dirname, '../../schemas', schema), 'utf8');
  const dateTime = (value: string) => !Number.isNaN(Date.parse(value));
  const ajv = new Ajv({ allErrors: true, formats: { 'date-time': dateTime } });
  const validate = ajv.compile(JSON.parse(text) as object);
  return (json) => {
    validate(json);
    return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
  };
}
