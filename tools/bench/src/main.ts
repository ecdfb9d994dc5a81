/**
 * Measures building, staging and promoting images, beside other tools that are installed. Not a test:
 * nothing fails for being slow.
 */
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import type { Bench } from './bench.js';
import { distanceSuite } from './distance-suite.js';
import { imageSuite } from './image-suite.js';
import { layerSuite } from './layer-suite.js';
import { medians, ratios, type Measurement } from './measurement.js';
import { nxSuite } from './nx-suite.js';
import { findPeers } from './peers.js';
import { tables } from './table.js';

const usage = `npm run bench -- [options]

  --json           print everything as JSON
  --runs <n>       repeat each suite, and take the medians (default 3)
  --only <suite>   image, layer, distance or nx (default: all)
  --layer <MiB>    the size of the large layer (default 1024)`;

async function main(args: readonly string[], environment: NodeJS.ProcessEnv): Promise<void> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean', default: false },
      runs: { type: 'string', default: '3' },
      only: { type: 'string' },
      layer: { type: 'string', default: '1024' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(usage);
    return;
  }

  const bench = await openBench(environment);
  const layer = atLeastOne('--layer', values.layer);
  const sizes = [...new Set([Math.min(64, layer), layer])];
  const suites = new Map<string, () => Promise<readonly Measurement[]>>([
    ['image', () => imageSuite(bench)],
    ['layer', () => layerSuite(bench, sizes)],
    ['distance', () => distanceSuite(bench)],
    ['nx', () => nxSuite(bench)],
  ]);
  if (values.only !== undefined && !suites.has(values.only)) {
    throw new Error(`--only: expected ${[...suites.keys()].join(' or ')}, found ${values.only}`);
  }

  const measurements: Measurement[] = [];
  for (const [name, suite] of suites) {
    if (name !== (values.only ?? name)) continue;
    const runs: (readonly Measurement[])[] = [];
    for (let left = atLeastOne('--runs', values.runs); left > 0; left--) {
      console.error(`${name}: ${left} to go`);
      runs.push(await suite());
    }
    measurements.push(...medians(runs));
  }

  const machine = {
    node: process.version,
    processors: cpus().map(({ model }) => model),
    memory: totalmem(),
  };
  const compared = ratios(measurements);
  console.log(
    values.json
      ? JSON.stringify({ machine, measurements, ratios: compared }, undefined, 2)
      : tables(measurements, compared),
  );
}

async function openBench(environment: NodeJS.ProcessEnv): Promise<Bench> {
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  return {
    workspace: {
      root: resolve(import.meta.dirname, '../../..'),
      env,
      typescript: ['--import', '@swc-node/register/esm-register'],
    },
    peers: await findPeers(env.PATH ?? ''),
  };
}

function atLeastOne(option: string, text: string): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1) return number;
  throw new Error(`${option}: expected a whole number of at least 1, found ${text}`);
}

main(process.argv.slice(2), process.env).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
