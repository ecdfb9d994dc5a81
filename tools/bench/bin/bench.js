#!/usr/bin/env node
/** Starts the benchmark, whose sources are TypeScript. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleOf } from '@teleport-plugins/source-bundle';

const programs = {
  packageRoot: dirname(dirname(fileURLToPath(import.meta.url))),
  entryPoints: {
    main: 'src/main.ts',
    steps: 'src/step/main.ts',
    registry: 'src/registry/main.ts',
  },
};

/** @param {'steps' | 'registry'} name */
const pathOf = async (name) => fileURLToPath(await bundleOf(programs, name));

const { main } = await import(await bundleOf(programs, 'main'));
await main(process.argv.slice(2), process.env, {
  steps: await pathOf('steps'),
  registry: await pathOf('registry'),
});
