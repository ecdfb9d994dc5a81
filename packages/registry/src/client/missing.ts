import { RegistryError } from '../error.js';
import { complaintOf, refusal } from './answer.js';
import type { Place } from './place.js';

/**
 * What to throw when an upload cannot be opened. ECR cuts the connections of those who write to a
 * repository that is not there, where others say so: asked for its tags, it tells.
 */
export async function orMissing(
  error: unknown,
  { exchange, scopes, urls }: Place,
  act: string,
  signal: AbortSignal | undefined,
): Promise<unknown> {
  const isCut = error instanceof RegistryError && error.code === 'unreachable' && error.transient;
  if (!isCut) return error;
  const call = {
    act,
    method: 'GET',
    url: urls.tags('?n=1'),
    scopes: scopes.write,
    signal,
  } as const;
  try {
    const response = await exchange.open(call);
    try {
      const { codes } = await complaintOf(response);
      if (!codes.includes('NAME_UNKNOWN')) return error;
      return await refusal(exchange.taskOf(call), response, { code: 'name-unknown' });
    } finally {
      await response.discard();
    }
  } catch {
    return error;
  }
}
