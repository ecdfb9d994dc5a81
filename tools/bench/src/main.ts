/**
 * Measures releases of images and of Terraform providers, and masking secrets, beside other tools that are
 * installed. Not a test: nothing fails for being slow.
 */
import { cpus, totalmem } from 'node:os';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

import { archivesSuite } from './archives-suite.js';
import { samplePlatforms } from './archives/sample-release.js';
import type { Bench } from './bench.js';
import { distanceSuite } from './distance-suite.js';
import { imageSuite } from './image-suite.js';
import { layerSuite } from './layer-suite.js';
import { maskingSuite } from './masking-suite.js';
import { medians, ratios, type Measurement } from './measurement.js';
import { nxSuite } from './nx-suite.js';
import { findPeers, findProgram } from './peers.js';
import { tables } from './table.js';
import type { Programs } from './workspace.js';
import { wrapperSuite } from './wrapper-suite.js';

const usage = `npm run bench -- [options]

  --json              print everything as JSON
  --runs <n>          repeat each suite, and take the medians (default 3)
  --only <suite>      image, layer, distance, archives, masking, wrapper or nx (default: all)
  --layer <MiB>       the size of the large layer (default 1024)
  --executable <MiB>  the size of a provider's executable (default 60)
  --platforms <n>     how many platforms a provider has (default 6, at most 8)
  --log <MiB>         the size of the log that secrets are masked in (default 256)
  --starts <n>        how often with-secrets is started (default 20)`;

/** Ends the process with 1 when something could not be measured. */
export async function main(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  programs: Programs,
): Promise<void> {
  try {
    await bench(args, environment, programs);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  }
}

async function bench(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  programs: Programs,
): Promise<void> {
  const { values } = parseArgs({ args: [...args], options });
  if (values.help) {
    console.log(usage);
    return;
  }
  const suites = await suitesOf(await openBench(environment, programs), values);
  const measurements = await measureAll(suites, values);
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

const options = {
  json: { type: 'boolean', default: false },
  runs: { type: 'string', default: '3' },
  only: { type: 'string' },
  layer: { type: 'string', default: '1024' },
  executable: { type: 'string', default: '60' },
  platforms: { type: 'string', default: '6' },
  log: { type: 'string', default: '256' },
  starts: { type: 'string', default: '20' },
  help: { type: 'boolean', default: false },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];
type Suite = () => Promise<readonly Measurement[]>;

async function suitesOf(bench: Bench, values: Values): Promise<ReadonlyMap<string, Suite>> {
  const layer = wholeNumber('--layer', values.layer);
  const sizes = [...new Set([Math.min(64, layer), layer])];
  const archives = {
    platforms: wholeNumber('--platforms', values.platforms, samplePlatforms.length),
    executable: wholeNumber('--executable', values.executable),
    go: await findProgram('go', ['version'], bench.workspace.env.PATH ?? ''),
  };
  const masking = {
    size: wholeNumber('--log', values.log),
    perl: await findProgram('perl', ['--version'], bench.workspace.env.PATH ?? ''),
  };
  const wrapper = { size: masking.size, starts: wholeNumber('--starts', values.starts) };
  return new Map<string, Suite>([
    ['image', () => imageSuite(bench)],
    ['layer', () => layerSuite(bench, sizes)],
    ['distance', () => distanceSuite(bench)],
    [
      'archives',
      () => {
        if (archives.go === undefined) console.error(withoutGo);
        return archivesSuite(bench, archives);
      },
    ],
    ['masking', () => maskingSuite(bench, masking)],
    ['wrapper', () => wrapperSuite(bench, wrapper)],
    ['nx', () => nxSuite(bench)],
  ]);
}

const withoutGo =
  'archives: go is not on the PATH, so nothing is compared with it: apt-get install golang-go';

async function measureAll(
  suites: ReadonlyMap<string, Suite>,
  { only, runs: count }: Values,
): Promise<readonly Measurement[]> {
  if (only !== undefined && !suites.has(only)) {
    throw new Error(`--only: expected ${[...suites.keys()].join(' or ')}, found ${only}`);
  }
  const measurements: Measurement[] = [];
  for (const [name, suite] of suites) {
    if (name !== (only ?? name)) continue;
    const runs: (readonly Measurement[])[] = [];
    for (let left = wholeNumber('--runs', count); left > 0; left--) {
      console.error(`${name}: ${left} to go`);
      runs.push(await suite());
    }
    measurements.push(...medians(runs));
  }
  return measurements;
}

async function openBench(environment: NodeJS.ProcessEnv, programs: Programs): Promise<Bench> {
  const env = Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    ),
  );
  const root = resolve(import.meta.dirname, '../../..');
  return {
    workspace: { root, env, programs },
    peers: await findPeers(env.PATH ?? ''),
  };
}

function wholeNumber(option: string, text: string, most = Number.MAX_SAFE_INTEGER): number {
  const number = Number(text);
  if (Number.isInteger(number) && number >= 1 && number <= most) return number;
  const upTo = most === Number.MAX_SAFE_INTEGER ? 'of at least 1' : `from 1 to ${most}`;
  throw new Error(`${option}: expected a whole number ${upTo}, found ${text}`);
}
