import { describe, test } from 'vitest';

import { managementTests } from './management.js';
import { manifestPushTests } from './manifest-push.js';
import { manifestRefusalTests } from './manifest-refusal.js';
import { mountTests } from './mount.js';
import { pullTests } from './pull.js';
import { referrerTests } from './referrers.js';
import { tagListTests } from './tag-list.js';
import { uploadTests } from './upload.js';

/** What a test asks of a registry. */
interface Subject {
  readonly host: string;
  /** A repository that no other test uses. */
  readonly repository: string;
}

/** Declares a test that a registry which lacks the capability fails. */
export type Check = (
  title: string,
  run: (subject: Subject) => Promise<void>,
  capability?: Capability,
) => void;

/** What a registry may lack. */
export type Capability =
  | 'child-sizes'
  | 'chunk-ranges'
  | 'exclusive-tags'
  | 'manifest-limit'
  | 'manifest-strictness'
  | 'nondistributable-layers'
  | 'mount-without-source'
  | 'range-refusal'
  | 'referrers'
  | 'single-post'
  | 'tag-deletion'
  | 'tag-order'
  | 'tag-paging';

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

/** The code of the first error in an answer's body. */
export function errorCode(reply: { json(): unknown }): string | undefined {
  const { errors } = reply.json() as { errors: readonly { code: string }[] };
  return errors[0]?.code;
}
