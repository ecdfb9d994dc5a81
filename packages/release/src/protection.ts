import type { Digest } from '@teleport-plugins/oci';

import type { BaseChoice } from './base.js';
import type { Environment } from './environment.js';
import { ReleaseError } from './error.js';
import type { Plugin } from './plugin.js';
import { alternatives } from './quoted.js';
import { releaseTagOf } from './release-tag.js';
import type { Selection } from './selection.js';

/** The options that lift a protection, one each. */
export const protectionFlags = [
  'allow-dirty',
  'allow-shallow',
  'allow-untagged',
  'allow-tag-mismatch',
  'allow-host-base',
] as const;
export type ProtectionFlag = (typeof protectionFlags)[number];

/** What the checkout is, as git says. */
export interface Checkout {
  /** Whether nothing is changed or untracked. */
  readonly isClean: boolean;
  /** Whether history is missing. */
  readonly isShallow: boolean;
  readonly tagsAtHead: readonly string[];
  /** All tags of the repository. */
  readonly tags: readonly string[];
}

/** Which sources an image is of. */
export interface ImageOrigin {
  readonly digest: Digest;
  /**
   * What the image says itself: a commit, with `-dirty` when the sources were changed since; absent
   * when it says nothing.
   */
  readonly revision?: string | undefined;
  /** Whether it was built in this checkout; another one is moved on from where it is staged. */
  readonly isBuiltHere: boolean;
  /**
   * What it should say: the last commit that changed its sources, as far as the release tag, or in the
   * checkout for the working tree's version. Absent where that cannot be known.
   */
  readonly sources?: string | undefined;
}

/** Something that a protected environment refuses, and the flag that allows it. */
export interface Violation {
  readonly flag: ProtectionFlag;
  readonly message: string;
}

/** What a step that writes to a protected environment has to be checked for. */
export interface ProtectedStep {
  readonly plugin: Plugin;
  readonly selection: Selection;
  readonly checkout: Checkout;
  /** Absent for what is not made of the sources of the workspace, such as archives of binaries. */
  readonly image?: ImageOrigin | undefined;
  /** What the image is built on, where it is known. */
  readonly base?: BaseChoice | undefined;
}

/** All that stands against a step in an environment; nothing in one that is not protected. */
export function violations(environment: Environment, step: ProtectedStep): readonly Violation[] {
  if (!environment.protected) return [];
  return [
    ...checkoutViolations(step),
    ...imageViolations(step),
    ...tagViolations(step),
    ...baseViolations(step),
  ];
}

/**
 * Throws `protected`, which tells every violation that is not allowed and its flag. Returns the flags
 * that were needed, for the receipt.
 */
export function refuseViolations(
  environment: Environment,
  found: readonly Violation[],
  allowed: readonly ProtectionFlag[],
): readonly ProtectionFlag[] {
  const left = found.filter(({ flag }) => !allowed.includes(flag));
  if (left.length === 0) return [...new Set(found.map(({ flag }) => flag))];
  const lines = left.map(({ flag, message }) => `  ${message} (--${flag} allows it)`);
  throw new ReleaseError(
    'protected',
    `the environment ${environment.name} is protected:\n${lines.join('\n')}`,
  );
}

function checkoutViolations({ checkout, selection }: ProtectedStep): readonly Violation[] {
  const found: Violation[] = [];
  if (!checkout.isClean) {
    found.push({
      flag: 'allow-dirty',
      message: 'the working tree has uncommitted changes; commit or remove them',
    });
  }
  if (selection.isTree && checkout.isShallow) {
    found.push({
      flag: 'allow-shallow',
      message:
        'the clone is shallow, so its history may be wrong; run git fetch --unshallow --tags',
    });
  }
  return found;
}

/** The checkout may have become clean, or another one, since the image was built: the image has to say it. */
function imageViolations({ image, selection }: ProtectedStep): readonly Violation[] {
  if (image === undefined) return [];
  const { digest, revision, sources, isBuiltHere } = image;
  const { version, releaseTag } = selection;
  const staged = `${version} is staged and never changes, so release`;
  if (revision === undefined || revision.endsWith('-dirty')) {
    const what =
      revision === undefined
        ? 'does not say of which commit it is'
        : `is of changes that are not committed (${revision})`;
    const act = isBuiltHere
      ? 'commit or remove the changes and build it again'
      : `${staged} committed sources as another version`;
    return [{ flag: 'allow-dirty', message: `the image ${digest} ${what}; ${act}` }];
  }
  if (sources === undefined || sources === revision) return [];
  const is = `the image ${digest} is of commit ${revision}`;
  return isBuiltHere
    ? [
        {
          flag: 'allow-dirty',
          message: `${is}, and its sources are of ${sources} now; build it again`,
        },
      ]
    : [
        {
          flag: 'allow-tag-mismatch',
          message: `${is}, and the sources of ${releaseTag} are of ${sources}; ${staged} the tagged sources as another version`,
        },
      ];
}

/**
 * A version of the working tree is released from the commit that carries its tag. Another version is
 * only moved on from where it is staged; for it the repository must have its tag.
 */
function tagViolations(step: ProtectedStep): readonly Violation[] {
  const { plugin, selection, checkout } = step;
  const { version, releaseTag, isTree } = selection;
  const atHead = checkout.tagsAtHead.filter(
    (tag) => releaseTagOf(tag)?.prefix === plugin.releaseTagPrefix,
  );
  const isAtHead = atHead.includes(releaseTag);
  if (isTree ? !isAtHead && atHead.length > 0 : isAtHead) {
    const tags = alternatives(isTree ? atHead : [releaseTag]).replace(/ or /, ' and ');
    const act = `make ${plugin.root}/package.json and the tag agree`;
    const message = `HEAD carries ${tags}, but its version is ${plugin.version}; ${act}`;
    return [{ flag: 'allow-tag-mismatch', message }];
  }
  if (isTree && !isAtHead) {
    const act = `check out the tag, or make it: git tag ${releaseTag}`;
    return [{ flag: 'allow-untagged', message: `HEAD does not carry ${releaseTag}; ${act}` }];
  }
  if (!isTree && !checkout.tags.includes(releaseTag)) {
    const message = `version ${version} has no tag ${releaseTag} here; run git fetch --tags`;
    return [{ flag: 'allow-untagged', message }];
  }
  return [];
}

function baseViolations({ base }: ProtectedStep): readonly Violation[] {
  if (base?.kind !== 'host') return [];
  const act = 'set RELEASE_BASE_IMAGE to an image with its digest';
  const message = `the base is assembled from this machine's Node, for trying out only; ${act}`;
  return [{ flag: 'allow-host-base', message }];
}
