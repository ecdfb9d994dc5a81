import { randomUUID } from 'node:crypto';

import { checked, readAll, streamed } from '../body.js';
import type { Body, PutOptions, Version } from '../store.js';
import type { Calls } from './calls.js';
import { conditionOf, writeConditionally, writeId } from './conditional.js';
import { labelParameters } from './labels.js';
import { target, type Place } from './place.js';
import { upload } from './upload.js';

/** Stores a body: in one request when it is small, in parts when it is not. */
export async function put(
  calls: Calls,
  place: Place,
  body: Body,
  options: PutOptions,
): Promise<Version> {
  options.signal?.throwIfAborted();
  const content = streamed(body);
  if (content.size > calls.tuning.singleLimit) return upload(calls, place, content, options);

  const bytes = await readAll(place.where, checked(place.where, content, options), content.size);
  const { mode } = options;
  const id = randomUUID();
  return writeConditionally(
    calls,
    place,
    {
      mode,
      id,
      repeatable: true,
      send: (task) =>
        calls.once(task, (s3, o) =>
          s3.putObject(
            {
              ...target(place),
              ...conditionOf(mode),
              ...labelParameters(options),
              Body: bytes,
              Metadata: { [writeId]: id },
            },
            o,
          ),
        ),
    },
    options,
  );
}
