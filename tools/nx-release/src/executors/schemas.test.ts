import { readFileSync } from 'node:fs';

import type { TargetConfiguration } from '@nx/devkit';
import { protectionFlags } from '@teleport-plugins/release';
import { describe, expect, test } from 'vitest';

import { providerTargetNames, providerTargets } from '../inference/provider-targets.js';
import { imageTargets, releaseTargets } from '../inference/targets.js';

interface Schema {
  readonly version: number;
  readonly description: string;
  readonly additionalProperties: boolean;
  readonly properties: Readonly<Record<string, { readonly description: string }>>;
  readonly examples: readonly { readonly command: string }[];
}

interface Executors {
  readonly executors: Readonly<
    Record<string, { readonly implementation: string; readonly schema: string }>
  >;
}

const { executors } = read('../../executors.json') as Executors;

const schemaOf = (target: string) => read(`./${target}/schema.json`) as Schema;

describe.each(Object.keys(executors))('the schema of %s', (name) => {
  test('is where executors.json says', () => {
    expect(executors[name]).toMatchObject({
      implementation: `./bin/executors.cjs#${name}`,
      schema: `./src/executors/${name}/schema.json`,
    });
  });

  test('describes the target and each option, and accepts no other', () => {
    const { version, description, additionalProperties, properties, examples } = schemaOf(name);
    expect({ version, additionalProperties }).toEqual({ version: 2, additionalProperties: false });
    for (const text of [
      description,
      ...Object.values(properties).map((each) => each.description),
    ]) {
      expect(text).toMatch(/^[A-Z].*\.$/);
    }
    expect(examples.length).toBeGreaterThan(0);
  });
});

const environments = { names: [], variables: [] };
const kinds = [
  {
    kind: 'image',
    names: releaseTargets,
    targets: imageTargets({
      project: 'x',
      environments,
      sources: { bundled: [], releaseSystem: [] },
    }),
    flags: protectionFlags,
  },
  {
    kind: 'terraform-provider',
    names: providerTargetNames,
    targets: providerTargets({ project: 'x', environments, releaseSystem: [] }),
    // Archives have no base.
    flags: protectionFlags.filter((flag) => flag !== 'allow-host-base'),
  },
] satisfies readonly {
  readonly kind: string;
  readonly names: readonly string[];
  readonly targets: Readonly<Record<string, TargetConfiguration>>;
  readonly flags: readonly string[];
}[];

describe.each(kinds)('of the kind $kind', ({ names, targets, flags }) => {
  test('every target that leads to a release accepts the flags that lift a protection', () => {
    const options = flags.map((flag) =>
      flag.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()),
    );
    // Reading what is staged is never refused.
    for (const target of names.filter((each) => each !== 'pull-staging')) {
      const { properties } = schemaOf(target);
      expect(Object.keys(properties)).toEqual(expect.arrayContaining(options));
    }
  });

  test('every option of a target is accepted by the targets that it is handed on to', () => {
    for (const [target, { dependsOn = [] }] of Object.entries(
      targets as Readonly<Record<string, TargetConfiguration>>,
    )) {
      const options = Object.keys(schemaOf(target).properties);
      for (const before of dependsOn) {
        if (typeof before === 'string') continue;
        const accepted = Object.keys(schemaOf(before.target).properties);
        expect(accepted, `${before.target}, before ${target}`).toEqual(
          expect.arrayContaining(options),
        );
      }
    }
  });
});

function read(path: string): unknown {
  return JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8'));
}
