import { boolean, checked, type Decoder, integer, refused } from '../json/decode.js';
import { object, optional, record } from '../json/object.js';
import { quoted } from '../quoted.js';
import { type Setting, setting } from '../setting.js';

/** How sessions of a role are made. https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html */
export interface DeclaredSession {
  readonly durationSeconds: number;
  readonly externalId: Setting<string> | undefined;
  readonly sourceIdentity: boolean;
  readonly tags: ReadonlyMap<string, Setting<string>>;
}

/** An hour is what every role allows, and all that a session that was assumed from another one gets. */
export const defaultSession: DeclaredSession = {
  durationSeconds: 3600,
  externalId: undefined,
  // Both need a trust policy that allows them, beyond sts:AssumeRole.
  sourceIdentity: false,
  tags: new Map(),
};

const tagLimit = 50;

const externalIdExpected = 'an external id of 2 to 1224 letters, digits and "_+=,.@:/-"';

const tagValueExpected = 'the value of a tag: at most 256 letters, digits, spaces and "_.:/=+-@"';

const tags: Decoder<DeclaredSession['tags']> = checked(
  record(
    'session tags by key',
    {
      expected: 'at most 128 letters, digits, spaces and "_.:/=+-@", not beginning with "aws:",',
      pattern: /^(?![aA][wW][sS]:)[\p{L}\p{Z}\p{N}_.:/=+@-]{1,128}$/u,
    },
    setting(tagValueExpected, (value) =>
      /^[\p{L}\p{Z}\p{N}_.:/=+@-]{0,256}$/u.test(value) ? value : undefined,
    ),
  ),
  (found, place) => {
    if (found.size > tagLimit) {
      return place.refuse(`expected at most ${tagLimit} session tags, found ${found.size}`);
    }
    const keys = [...found.keys()];
    const lower = keys.map((key) => key.toLowerCase());
    const repeated = keys.filter((_, index) => lower.indexOf(lower[index] ?? '') < index);
    for (const key of repeated) {
      const first = keys[lower.indexOf(key.toLowerCase())] ?? '';
      place.at(key).refuse(`differs from ${quoted(first)} in case only, which AWS takes for one`);
    }
    return repeated.length === 0 ? undefined : refused;
  },
);

export const sessionDecoder: Decoder<DeclaredSession> = object(
  'how sessions are made: { "durationSeconds", "externalId", "sourceIdentity", "tags" }',
  {
    durationSeconds: optional(
      integer('seconds between 900 and 43200', { minimum: 900, maximum: 43200 }),
      defaultSession.durationSeconds,
    ),
    externalId: optional(
      setting(externalIdExpected, (id) =>
        /^[A-Za-z0-9_+=,.@:/-]{2,1224}$/.test(id) ? id : undefined,
      ),
      undefined,
    ),
    sourceIdentity: optional(boolean('true or false'), defaultSession.sourceIdentity),
    tags: optional(tags, defaultSession.tags),
  },
);
