import { digestOf } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import type { Environment } from './environment.js';
import {
  type Checkout,
  type ImageOrigin,
  type ProtectedStep,
  refuseViolations,
  violations,
} from './protection.js';
import { selectVersion } from './selection.js';
import { refusalOf } from './test/failure-of.js';
import { imagePlugin } from './test/plugins.js';

const plugin = imagePlugin();
const unused = () => {
  throw new Error('not used');
};
const production: Environment = {
  name: 'production',
  protected: true,
  registry: unused,
  declaredRegistry: unused,
  aws: unused,
  base: unused,
  artifacts: unused,
  terraform: unused,
};
const local: Environment = { ...production, name: 'local', protected: false };

const released: Checkout = {
  isClean: true,
  isShallow: false,
  tagsAtHead: ['teleport-email-v9.3.7'],
  tags: ['teleport-email-v9.3.6', 'teleport-email-v9.3.7', 'teleport-slack-v1.0.0', 'nightly'],
};

const digest = digestOf(new Uint8Array());
const [commit, otherCommit] = ['a'.repeat(40), 'b'.repeat(40)];

function step(checkout: Partial<Checkout>, version?: string): ProtectedStep {
  return {
    plugin,
    selection: selectVersion({ version }, plugin),
    checkout: { ...released, ...checkout },
    image: { digest, revision: commit, isBuiltHere: true, sources: commit },
  };
}

/** A step of the working tree's version from a checkout that has nothing against it. */
function stepOf(image: Omit<ImageOrigin, 'digest' | 'isBuiltHere'>): ProtectedStep {
  return { ...step({}), image: { digest, isBuiltHere: true, ...image } };
}

test('what is not made of the sources is judged by the checkout alone', () => {
  const archives = { ...step({}), image: undefined };
  expect(violations(production, archives)).toEqual([]);
  const untagged = violations(production, { ...step({ tagsAtHead: [] }), image: undefined });
  expect(untagged.map(({ flag }) => flag)).toEqual(['allow-untagged']);
});

test('a clean checkout of the release tag has nothing against it', () => {
  expect(violations(production, step({}))).toEqual([]);
});

test('other tags on the same commit do not matter', () => {
  const tagsAtHead = [
    'teleport-slack-v1.0.0',
    'nightly',
    ...released.tagsAtHead,
    'teleport-email-v9.3.6',
  ];
  expect(violations(production, step({ tagsAtHead }))).toEqual([]);
});

describe('the working tree', () => {
  test('must be clean', () => {
    expect(violations(production, step({ isClean: false }))).toEqual([
      {
        flag: 'allow-dirty',
        message: 'the working tree has uncommitted changes; commit or remove them',
      },
    ]);
  });

  test('must be clean for another version as well', () => {
    const found = violations(production, step({ isClean: false }, '9.3.6'));
    expect(found.map(({ flag }) => flag)).toEqual(['allow-dirty']);
  });

  test('must have its history when it is what is released', () => {
    expect(violations(production, step({ isShallow: true }))).toEqual([
      {
        flag: 'allow-shallow',
        message:
          'the clone is shallow, so its history may be wrong; run git fetch --unshallow --tags',
      },
    ]);
    expect(violations(production, step({ isShallow: true }, '9.3.6'))).toEqual([]);
  });
});

describe('the release tag', () => {
  test.each([[[]], [['teleport-slack-v9.3.7', 'v9.3.7', 'teleport-email-9.3.7']]])(
    'must be at HEAD, which has %j',
    (tagsAtHead) => {
      expect(violations(production, step({ tagsAtHead }))).toEqual([
        {
          flag: 'allow-untagged',
          message:
            'HEAD does not carry teleport-email-v9.3.7; check out the tag, or make it: git tag teleport-email-v9.3.7',
        },
      ]);
    },
  );

  test('must be the one of the version of the package', () => {
    const tagsAtHead = ['teleport-email-v9.3.8', 'teleport-email-v9.3.9'];
    expect(violations(production, step({ tagsAtHead }))).toEqual([
      {
        flag: 'allow-tag-mismatch',
        message:
          'HEAD carries teleport-email-v9.3.8 and teleport-email-v9.3.9, but its version is 9.3.7; make packages/plugins/email/package.json and the tag agree',
      },
    ]);
  });

  test('of another version must not be at HEAD', () => {
    const tagsAtHead = ['teleport-email-v9.3.6'];
    expect(violations(production, step({ tagsAtHead }, '9.3.6'))).toEqual([
      {
        flag: 'allow-tag-mismatch',
        message:
          'HEAD carries teleport-email-v9.3.6, but its version is 9.3.7; make packages/plugins/email/package.json and the tag agree',
      },
    ]);
  });

  test('of another version must exist', () => {
    expect(violations(production, step({}, '9.3.6'))).toEqual([]);
    expect(violations(production, step({ tagsAtHead: [] }, '9.3.6'))).toEqual([]);
    expect(violations(production, step({}, '9.3.5'))).toEqual([
      {
        flag: 'allow-untagged',
        message: 'version 9.3.5 has no tag teleport-email-v9.3.5 here; run git fetch --tags',
      },
    ]);
  });
});

describe('the image', () => {
  test('of the commit that its sources are of now has nothing against it', () => {
    const image = { revision: commit, sources: commit };
    expect(violations(production, stepOf(image))).toEqual([]);
  });

  test('that was built of changes is refused, however clean the checkout is by now', () => {
    const image = { revision: `${commit}-dirty`, sources: commit };
    expect(violations(production, stepOf(image))).toEqual([
      {
        flag: 'allow-dirty',
        message: `the image ${digest} is of changes that are not committed (${commit}-dirty); commit or remove the changes and build it again`,
      },
    ]);
  });

  test('that does not say of which commit it is is refused', () => {
    expect(violations(production, stepOf({}))).toEqual([
      {
        flag: 'allow-dirty',
        message: `the image ${digest} does not say of which commit it is; commit or remove the changes and build it again`,
      },
    ]);
  });

  test.each([
    ['the working tree’s version', undefined],
    ['another version', '9.3.6'],
  ])('that is staged so is refused for %s, which needs a new version', (_which, version) => {
    const image = { digest, revision: `${commit}-dirty`, isBuiltHere: false };
    expect(violations(production, { ...step({}, version), image })).toEqual([
      {
        flag: 'allow-dirty',
        message: `the image ${digest} is of changes that are not committed (${commit}-dirty); ${version ?? '9.3.7'} is staged and never changes, so release committed sources as another version`,
      },
    ]);
  });

  test('of another commit than its sources are of now must be built again', () => {
    const image = { revision: otherCommit, sources: commit };
    expect(violations(production, stepOf(image))).toEqual([
      {
        flag: 'allow-dirty',
        message: `the image ${digest} is of commit ${otherCommit}, and its sources are of ${commit} now; build it again`,
      },
    ]);
  });

  test('that is staged and of another commit than the release tag is refused', () => {
    const image = { digest, revision: otherCommit, isBuiltHere: false, sources: commit };
    expect(violations(production, { ...step({}, '9.3.6'), image })).toEqual([
      {
        flag: 'allow-tag-mismatch',
        message: `the image ${digest} is of commit ${otherCommit}, and the sources of teleport-email-v9.3.6 are of ${commit}; 9.3.6 is staged and never changes, so release the tagged sources as another version`,
      },
    ]);
  });

  test('that is staged, and of whose tag nothing is known here, is left to the rule for tags', () => {
    const image = { digest, revision: otherCommit, isBuiltHere: false };
    expect(violations(production, { ...step({}, '9.3.5'), image })).toMatchObject([
      { flag: 'allow-untagged' },
    ]);
  });
});

test('the base of the machine is refused', () => {
  expect(violations(production, { ...step({}), base: { kind: 'host' } })).toEqual([
    {
      flag: 'allow-host-base',
      message:
        "the base is assembled from this machine's Node, for trying out only; set RELEASE_BASE_IMAGE to an image with its digest",
    },
  ]);
});

test('an environment that is not protected refuses nothing', () => {
  const worst = step({ isClean: false, isShallow: true, tagsAtHead: [], tags: [] });
  const image = { digest, isBuiltHere: true };
  expect(violations(local, { ...worst, image, base: { kind: 'host' } })).toEqual([]);
});

describe('refusing', () => {
  const found = violations(production, step({ isClean: false, tagsAtHead: [] }));

  test('tells every violation and the flag that allows it', () => {
    expect(refusalOf(() => refuseViolations(production, found, []))).toEqual([
      'protected',
      [
        'the environment production is protected:',
        '  the working tree has uncommitted changes; commit or remove them (--allow-dirty allows it)',
        '  HEAD does not carry teleport-email-v9.3.7; check out the tag, or make it: git tag teleport-email-v9.3.7 (--allow-untagged allows it)',
      ].join('\n'),
    ]);
  });

  test('leaves out what is allowed', () => {
    const refusal = refusalOf(() => refuseViolations(production, found, ['allow-dirty']));
    expect(refusal?.[1]).not.toContain('allow-dirty');
  });

  test('returns the flags that were needed, not those that were given', () => {
    const allowed = ['allow-host-base', 'allow-untagged', 'allow-dirty'] as const;
    expect(refuseViolations(production, found, allowed)).toEqual(['allow-dirty', 'allow-untagged']);
    expect(refuseViolations(production, [], allowed)).toEqual([]);
  });

  test('returns a flag once that allowed several things', () => {
    const image = { digest, revision: `${commit}-dirty`, isBuiltHere: true };
    const both = violations(production, { ...step({ isClean: false }), image });
    expect(both).toHaveLength(2);
    expect(refuseViolations(production, both, ['allow-dirty'])).toEqual(['allow-dirty']);
  });
});
