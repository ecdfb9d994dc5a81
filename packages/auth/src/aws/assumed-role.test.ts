import { Secret } from '@teleport-plugins/secrets';
import { expect, test } from 'vitest';

import { assumedRole } from './assumed-role.js';

const arn = 'arn:aws:iam::146628656107:role/release-engineer-plugin-admin';
const ann = { variables: {}, user: 'ann' };

test('a session is named after who assumes the role', () => {
  expect(assumedRole({ arn }, ann)).toEqual({ arn, sessionName: 'ann' });
  const build = { DRONE_REPO: 'acme/app', DRONE_BUILD_NUMBER: '7' };
  expect(assumedRole({ arn }, { ...ann, variables: build }).sessionName).toBe('drone-acme-app-7');
});

test('it has what the environment says of the role', () => {
  const settings = { durationSeconds: 900, externalId: 'x', tags: { project: 'plugins' } };
  expect(assumedRole({ arn, ...settings }, ann)).toMatchObject(settings);
});

test('it carries the same name as source identity, where that is wanted', () => {
  expect(assumedRole({ arn, sourceIdentity: true }, ann).sourceIdentity).toBe('ann');
  expect(assumedRole({ arn, sourceIdentity: false }, ann)).not.toHaveProperty('sourceIdentity');
});

test('the device that the role asks for is named, whether there is a code of it or not', () => {
  const code = new Secret('123456');
  const asking = { arn, mfaSerial: 'arn:aws:iam::1:mfa/ann' };
  const serialNumber = asking.mfaSerial;
  expect(assumedRole(asking, ann, code).mfa).toEqual({ serialNumber, code });
  expect(assumedRole(asking, ann).mfa).toEqual({ serialNumber });
  expect(assumedRole({ arn }, ann, code)).not.toHaveProperty('mfa');
});
