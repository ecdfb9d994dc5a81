import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { configFile } from '@teleport-plugins/release';

import { EmergencyError } from './error.js';

/**
 * Says what Nx would say, before minutes are spent on what Nx needs. The steps judge the rest of the file.
 *
 * @throws EmergencyError `environment-missing`
 */
export async function refuseUnknown(
  environment: string,
  { checkout, tag }: { readonly checkout: string; readonly tag: string },
): Promise<void> {
  const text = await readFile(join(checkout, configFile), 'utf8');
  const { environments } = JSON.parse(text) as { readonly environments: object };
  const known = Object.keys(environments);
  if (known.includes(environment)) return;
  throw new EmergencyError(
    'environment-missing',
    `${configFile} of ${tag} declares no environment "${environment}": use one of ${known.join(', ')}`,
  );
}
