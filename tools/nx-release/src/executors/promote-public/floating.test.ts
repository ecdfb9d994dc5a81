import {
  descriptorOf,
  mediaType,
  memoryRepository,
  type Descriptor,
  type Repository,
} from '@teleport-plugins/oci';
import {
  parseVersion,
  type FloatingTagKind,
  type ImagePlugin,
  type Version,
} from '@teleport-plugins/release';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { placeFloatingTags, type PlacedTag } from './floating.js';

const [low, high, highest] = ['1.3.0', '1.3.1', '1.4.0'].map((text) => parseVersion(text, 'test'));

describe('promotions of several versions at once', () => {
  test.each([
    ['two', ['latest'], [low, high], []],
    ['two, over an older version', ['latest'], [low, high], ['1.2.0']],
    ['two, whose tags are partly the same', ['minor', 'latest'], [high, highest], []],
  ] as const)(
    'leave the highest, in every order of their requests: %s',
    async (_what, declared, versions, before) => {
      const outcomes = await everyOrder(() => world(declared, versions.map(String), before));
      expect(outcomes.length).toBeGreaterThan(20);
      for (const outcome of outcomes) expectHighest(outcome, declared, versions.map(String));
    },
  );

  test('leave the highest of three, in any order of their requests', async () => {
    const declared = ['minor', 'latest'] as const;
    const versions = [low, high, highest].map(String);
    const order = fc.array(fc.nat(2), { minLength: 10, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(order, async (turns) => {
        const { waiting, outcome } = await follow(await world(declared, versions, []), turns, {
          toTheEnd: true,
        });
        expect(waiting).toEqual([]);
        expectHighest(outcome, declared, versions);
      }),
      { numRuns: 300 },
    );
  });

  test('tell of a tag where they have left it: the last one to write it says what all see', async () => {
    const outcomes = await everyOrder(() => world(['latest'], ['1.3.0', '1.3.1'], ['1.2.0']));
    for (const { tags, results } of outcomes) {
      const told = results.flatMap((result) => (result instanceof Error ? [] : result));
      expect(told.some(({ digest, result }) => digest === tags.latest && result === 'moved')).toBe(
        true,
      );
      const [, ofHighest] = results;
      for (const { digest } of ofHighest as readonly PlacedTag[]) expect(digest).toBe(tags.latest);
    }
  });
});

describe('one promotion', () => {
  test('tags, then moves, then finds the tags in place', async () => {
    const { repository, promote } = await world(['major', 'latest'], ['1.3.0', '1.3.1'], []);
    const results = async (version: string) =>
      (await promote(version, repository)).map(({ tag, result }) => `${tag} ${result}`);
    expect(await results('1.3.0')).toEqual(['1 tagged', 'latest tagged']);
    expect(await results('1.3.1')).toEqual(['1 moved', 'latest moved']);
    expect(await results('1.3.1')).toEqual([]);
  });

  test('leaves a tag alone in whose range a higher version is public, wherever somebody put it', async () => {
    const { repository, promote, imageOf } = await world(['latest'], ['1.3.0'], ['1.2.0', '1.4.0']);
    await repository.manifests.tag(imageOf('1.2.0'), 'latest');
    expect(await promote('1.3.0', repository)).toEqual([]);
    expect(await latestIn(repository)).toBe(imageOf('1.2.0').digest);
  });

  test('passes over a version that is listed and is not there', async () => {
    const { repository, promote, imageOf } = await world(['latest'], ['1.3.0'], []);
    let lists = 0;
    const lagging = withManifests(repository, {
      async *tags(options) {
        yield* repository.manifests.tags(options);
        if ((lists += 1) > 1) yield '1.9.0';
      },
    });
    expect(await promote('1.3.0', lagging)).toMatchObject([{ tag: 'latest', result: 'tagged' }]);
    expect(await latestIn(repository)).toBe(imageOf('1.3.0').digest);
  });

  test('does not depend on a listing that knows its version already', async () => {
    const { repository, promote, imageOf } = await world(['latest'], ['1.3.0'], ['1.2.0']);
    const lagging = withManifests(repository, {
      async *tags(options) {
        for await (const tag of repository.manifests.tags(options)) {
          if (tag !== '1.3.0') yield tag;
        }
      },
    });
    await promote('1.3.0', lagging);
    expect(await latestIn(repository)).toBe(imageOf('1.3.0').digest);
  });

  test('gives up on a tag that somebody moves back every time, and says which', async () => {
    const { repository, promote, imageOf } = await world(['latest'], ['1.3.0'], ['1.2.0']);
    let writes = 0;
    const contested = withManifests(repository, {
      async tag(manifest, tag, options) {
        await repository.manifests.tag(manifest, tag, options);
        if (tag !== 'latest') return;
        writes += 1;
        await repository.manifests.tag(imageOf('1.2.0'), 'latest');
      },
    });
    await expect(promote('1.3.0', contested)).rejects.toThrow(
      /^memory: latest is moved by somebody else again and again; .* promote 1\.3\.0 again$/,
    );
    expect(writes).toBe(10);
  });

  test('throws what makes a write fail', async () => {
    const { repository, promote } = await world(['latest'], ['1.3.0'], []);
    const broken = withManifests(repository, {
      tag: (manifest, tag) =>
        tag === 'latest'
          ? Promise.reject(new Error('denied'))
          : repository.manifests.tag(manifest, tag),
    });
    await expect(promote('1.3.0', broken)).rejects.toThrow(/^denied$/);
  });
});

/** Every floating tag is on the highest version of its range, and every promotion has succeeded. */
function expectHighest(
  { tags, results }: Outcome,
  declared: readonly FloatingTagKind[],
  versions: readonly string[],
): void {
  const ranges = declared.flatMap((kind) =>
    kind === 'latest' ? [''] : [...new Set(versions.map(minorOf))],
  );
  for (const range of ranges) {
    const inRange = versions.filter((each) => each.startsWith(range));
    const tag = range === '' ? 'latest' : range.slice(0, -1);
    expect(tags[tag]).toBe(tags[String(inRange.at(-1))]);
  }
  expect(results.filter((result) => result instanceof Error)).toEqual([]);
}

/** A registry in which the images of some versions are, those of `before` under their tags. */
async function world(
  declared: readonly FloatingTagKind[],
  versions: readonly string[],
  before: readonly string[],
) {
  const repository = memoryRepository();
  const images = new Map<string, Descriptor>();
  for (const version of [...versions, ...before]) {
    images.set(version, await pushImage(repository, version));
  }
  const imageOf = (version: string) => images.get(version)!;
  for (const version of before) await repository.manifests.tag(imageOf(version), version);
  if (before[0] !== undefined) await repository.manifests.tag(imageOf(before[0]), 'latest');

  const promote = async (version: string, to: Repository): Promise<readonly PlacedTag[]> => {
    await to.manifests.tag(imageOf(version), version);
    const step = {
      plugin: { image: { floatingTags: declared } } as unknown as ImagePlugin,
      selection: { version: version as Version, releaseTag: `x-v${version}`, isTree: true },
    };
    return placeFloatingTags(to, imageOf(version), step, {});
  };
  return { repository, versions, imageOf, promote };
}

type World = Awaited<ReturnType<typeof world>>;

interface Outcome {
  /** The digests of all tags. */
  readonly tags: Readonly<Record<string, string>>;
  /** What each promotion returned or threw. */
  readonly results: readonly (readonly PlacedTag[] | Error)[];
}

/**
 * How all promotions of a world end, in every order of their requests. Promotions know nothing but the
 * answers that they have got, so orders that lead to the same answers and tags go on in the same way:
 * they are followed once.
 */
async function everyOrder(open: () => Promise<World>): Promise<readonly Outcome[]> {
  const met = new Set<string>();
  const outcomes: Outcome[] = [];
  const begun = [[]] as (readonly number[])[];
  for (let order = begun.pop(); order !== undefined; order = begun.pop()) {
    const { state, waiting, outcome } = await follow(await open(), order);
    if (met.has(state)) continue;
    met.add(state);
    if (waiting.length === 0) outcomes.push(outcome);
    for (const next of waiting) begun.push([...order, next]);
  }
  return outcomes;
}

/** Lets promotions make requests in an order, and stops there, or lets one after the other finish. */
async function follow(
  { repository, versions, promote }: World,
  order: readonly number[],
  { toTheEnd = false }: { readonly toTheEnd?: boolean } = {},
) {
  const answers: string[][] = versions.map(() => []);
  const results: (readonly PlacedTag[] | Error)[] = [];
  const promotions = versions.map((version, at) =>
    startStepwise(async (turn) => {
      const asking = inTurns(repository, turn, (answer) => answers[at]?.push(answer));
      results[at] = await promote(version, asking).catch((error: unknown) => error as Error);
    }),
  );
  for (const { arrived } of promotions) await arrived();
  const goOn = async (at: number) => {
    if (promotions[at]?.isDone() === false) await promotions[at].go();
  };
  for (const at of order) await goOn(at);
  for (const at of toTheEnd ? promotions.keys() : []) {
    while (promotions[at]?.isDone() === false) await goOn(at);
  }

  const tags = await tagsOf(repository);
  return {
    state: JSON.stringify([tags, answers]),
    waiting: promotions.flatMap(({ isDone }, at) => (isDone() ? [] : [at])),
    outcome: { tags, results },
  };
}

/** Starts something that waits for its turn now and then; `go` lets it run to the next time, or its end. */
function startStepwise(act: (turn: () => Promise<void>) => Promise<void>) {
  let isDone = false;
  let proceed: () => void = () => undefined;
  let arrive: () => void = () => undefined;
  let arrival = new Promise<void>((resolve) => (arrive = resolve));
  const turn = () =>
    new Promise<void>((resolve) => {
      proceed = resolve;
      arrive();
    });
  void act(turn).finally(() => {
    isDone = true;
    arrive();
  });
  return {
    arrived: () => arrival,
    isDone: () => isDone,
    go: () => {
      arrival = new Promise((resolve) => (arrive = resolve));
      proceed();
      return arrival;
    },
  };
}

/** The same repository, each request of which waits for its turn and tells its answer. */
function inTurns(
  repository: Repository,
  turn: () => Promise<void>,
  onAnswer: (answer: string) => void,
): Repository {
  const { manifests } = repository;
  return withManifests(repository, {
    async resolve(...request) {
      await turn();
      const found = await manifests.resolve(...request);
      onAnswer(String(found?.digest));
      return found;
    },
    async tag(...request) {
      await turn();
      await manifests.tag(...request);
      onAnswer('done');
    },
    async *tags(...request) {
      await turn();
      const listed: string[] = [];
      for await (const tag of manifests.tags(...request)) listed.push(tag);
      onAnswer(listed.join());
      yield* listed;
    },
  });
}

function withManifests(
  repository: Repository,
  manifests: Partial<Repository['manifests']>,
): Repository {
  return { ...repository, manifests: { ...repository.manifests, ...manifests } };
}

async function pushImage(repository: Repository, version: string): Promise<Descriptor> {
  const annotations = { 'org.opencontainers.image.version': version };
  const document = { schemaVersion: 2, mediaType: mediaType.ociIndex, manifests: [], annotations };
  const bytes = Buffer.from(JSON.stringify(document));
  const image = descriptorOf(mediaType.ociIndex, bytes);
  await repository.manifests.push(image, bytes);
  return image;
}

async function tagsOf({ manifests }: Repository): Promise<Readonly<Record<string, string>>> {
  const tags: Record<string, string> = {};
  for await (const tag of manifests.tags())
    tags[tag] = String((await manifests.resolve(tag))?.digest);
  return tags;
}

async function latestIn(repository: Repository): Promise<string | undefined> {
  return (await repository.manifests.resolve('latest'))?.digest;
}

function minorOf(version: string): string {
  return version.replace(/\d+$/, '');
}
