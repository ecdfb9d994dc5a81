import { createReadStream } from 'node:fs';

import { Secret } from '@teleport-plugins/secrets';
import { redactor } from '@teleport-plugins/secrets/redaction';

import { sampleSecrets } from '../masking/samples.js';
import type { Written } from '../measurement.js';

/** What the steps of masking are given. */
export interface MaskingStepInputs {
  /** Learns the sample's secrets, as each start of a program does. */
  readonly learn: Readonly<Record<string, never>>;
  /** Learns them, and masks them in what a file holds; its output goes nowhere. */
  readonly mask: { readonly file: string };
}

export const maskingSteps: {
  readonly [Name in keyof MaskingStepInputs]: (input: MaskingStepInputs[Name]) => Promise<Written>;
} = {
  learn() {
    const masks = knowing();
    while (masks.learn());
    return Promise.resolve({ objects: sampleSecrets.length, bytes: 0 });
  },

  async mask({ file }) {
    const stream = knowing().stream();
    let bytes = 0;
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      bytes += stream.write(chunk).length;
    }
    return { objects: 1, bytes: bytes + stream.end().length };
  },
};

function knowing() {
  const masks = redactor();
  for (const secret of sampleSecrets) masks.add(new Secret(secret));
  return masks;
}
