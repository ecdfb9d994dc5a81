import { memoryRepository } from '@teleport-plugins/oci';
import { describe, expect, test } from 'vitest';

import { buildImage } from './build-image.js';
import type { ImageSpec } from './spec.js';
import { amd64, arm64, memoryBase } from './test/base.js';
import { spec } from './test/spec.js';
import { watched } from './test/watched.js';

describe('refused before anything is written:', () => {
  test.each<[string, Partial<ImageSpec>, string, string]>([
    ['user root', { user: 'root' }, 'user-root', 'user root is root'],
    ['user root with a group', { user: 'root:root' }, 'user-root', 'is root'],
    ['user 0', { user: '0' }, 'user-root', 'user 0 is root'],
    ['user 000:1', { user: '000:1' }, 'user-root', 'is root'],
    ['a user by name', { user: 'nobody' }, 'spec-invalid', 'expected numbers like 65532:65532'],
    ['an empty user', { user: '' }, 'spec-invalid', 'expected numbers'],
    ['no platform', { platforms: [] }, 'spec-invalid', 'platforms: expected at least one'],
    [
      'a platform twice',
      { platforms: [arm64, { ...arm64, variant: 'v8' }] },
      'spec-invalid',
      'twice',
    ],
    ['no entrypoint', { entrypoint: [] }, 'spec-invalid', 'entrypoint: expected a program'],
    ['an empty entrypoint', { entrypoint: [''] }, 'spec-invalid', 'entrypoint: expected a program'],
    ['NUL in cmd', { cmd: ['a\0'] }, 'spec-invalid', 'cmd: has a NUL'],
    ['= in a name', { env: { 'A=B': 'c' } }, 'spec-invalid', '"A=B" is no variable name'],
    ['an empty name', { env: { '': 'c' } }, 'spec-invalid', 'is no variable name'],
    ['a relative workdir', { workdir: 'app' }, 'spec-invalid', 'workdir: expected an absolute'],
    ['port 0', { exposedPorts: [0] }, 'spec-invalid', 'exposedPorts: expected a number'],
    ['port 1.5', { exposedPorts: [1.5] }, 'spec-invalid', 'exposedPorts'],
    ['an invalid date', { created: new Date(Number.NaN) }, 'spec-invalid', 'created'],
    ['a date before 1970', { created: new Date(-1) }, 'spec-invalid', 'created'],
    [
      'a file in /bin',
      { files: [{ path: 'bin/x', source: { bytes: Buffer.from('') } }] },
      'path-invalid',
      '/bin belongs to the base',
    ],
  ])('%s', async (_, change, code, message) => {
    const { repository, pushed } = watched(memoryRepository());
    const base = await memoryBase({ platforms: [amd64, arm64] });
    await expect(buildImage({ ...spec, ...change }, base, repository)).rejects.toMatchObject({
      code,
      message: expect.stringContaining(message) as string,
    });
    expect(pushed).toEqual([]);
  });
});
