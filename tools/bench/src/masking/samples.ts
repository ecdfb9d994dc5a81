import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';

/**
 * Secrets like those of a release: two signing keys, access keys, roles, buckets and tokens. The same texts each
 * time, and nobody's.
 */
export const sampleSecrets: readonly string[] = [
  signingKey('staging'),
  signingKey('production'),
  ...['one', 'two', 'three', 'four'].map((name) => noise(name, 20).toUpperCase()),
  ...['one', 'two', 'three', 'four'].map((name) => noise(`secret ${name}`, 40)),
  'arn:aws:iam::000000000000:role/bench-release-engineer-plugin-admin',
  'bench-artifacts-bucket',
  'bench-terraform-bucket',
  noise('registry token', 56),
  `https://hooks.bench.invalid/services/${noise('hook', 24)}`,
];

/** As long as an armored RSA key of 4096 bits with its subkey. */
function signingKey(name: string): string {
  const lines = Array.from({ length: 100 }, (_, line) => noise(`${name} ${line}`, 64));
  const label = 'PGP PRIVATE KEY BLOCK';
  return [`-----BEGIN ${label}-----`, '', ...lines, '=BnCh', `-----END ${label}-----`, ''].join(
    '\n',
  );
}

function noise(seed: string, length: number): string {
  const digests = [0, 1].map((part) =>
    createHash('sha512').update(`${part} ${seed}`).digest('base64'),
  );
  return digests.join('').slice(0, length);
}

/** Writes what a release prints, mostly without secrets: one line of a thousand holds one. */
export async function writeSampleLog(path: string, size: number): Promise<void> {
  const file = await open(path, 'w');
  try {
    const block = Buffer.from(Array.from({ length: 5000 }, (_, line) => logLine(line)).join(''));
    for (let left = size; left > 0; left -= block.length) {
      await file.write(block.subarray(0, Math.min(left, block.length)));
    }
  } finally {
    await file.close();
  }
}

function logLine(line: number): string {
  const digest = createHash('sha256').update(String(line)).digest('hex');
  const secret = sampleSecrets[line % sampleSecrets.length] ?? '';
  if (line % 1000 === 0) return `${line} using ${JSON.stringify(secret)}\n`;
  return line % 3 === 0
    ? `2024-01-01T12:00:00.${line % 1000}Z pushed sha256:${digest} (${line} bytes) to registry.bench.invalid/gravitational/teleport-plugin-email\n`
    : `> nx run plugin-email:promote-public, step ${line}: copying what is there already, in packages/registry/src/copy/copy-graph.ts\n`;
}
