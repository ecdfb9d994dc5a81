import { describe, test } from 'vitest';

import type { Capability, Check } from './check.js';
import { managementTests } from './management.js';
import { manifestPushTests } from './manifest-push.js';
import { manifestRefusalTests } from './manifest-refusal.js';
import { mountTests } from './mount.js';
import { pullTests } from './pull.js';
import { referrerTests } from './referrers.js';
import { tagListTests } from './tag-list.js';
import { uploadTests } from './upload.js';

/**
 * The HTTP API of the OCI distribution specification 1.1, as a registry's clients see it. What a
 * registry lacks is named with the reason, and its tests must fail: the table cannot outlive its truth.
 * https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md
 */
export function conformanceSuite(
  host: () => string,
  lacks: Readonly<Partial<Record<Capability, string>>> = {},
): void {
  let count = 0;
  const check: Check = (title, run, capability) => {
    const repository = `conformance/r${(count += 1)}`;
    const subject = {
      repository,
      get host() {
        return host();
      },
    };
    const reason = capability && lacks[capability];
    if (reason === undefined) test(title, () => run(subject));
    else test.fails(`LACKS: ${title} (${reason})`, () => run(subject));
  };
  describe('pull', () => pullTests(check));
  describe('push of blobs', () => uploadTests(check));
  describe('mount', () => mountTests(check));
  describe('push of manifests', () => manifestPushTests(check));
  describe('refusal of manifests', () => manifestRefusalTests(check));
  describe('tag list', () => tagListTests(check));
  describe('referrers', () => referrerTests(check));
  describe('content management', () => managementTests(check));
}
