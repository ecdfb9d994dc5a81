/** Runs one step in a process of its own, and writes what it took to stdout, as JSON. */
import { steps, type StepInputs } from './steps.js';

async function main(name: keyof StepInputs, input: string): Promise<void> {
  const step = steps[name] as (input: unknown) => Promise<unknown>;
  const begin = performance.now();
  const before = process.cpuUsage();
  const written = await step(JSON.parse(input));
  const wall = performance.now() - begin;
  const { user, system } = process.cpuUsage(before);
  const peakMemory = process.resourceUsage().maxRSS * 1024;
  process.stdout.write(JSON.stringify({ wall, cpu: (user + system) / 1000, peakMemory, written }));
}

const [name, input] = process.argv.slice(2);
void main(name as keyof StepInputs, input ?? '');
