import { expect, test } from 'vitest';

import { slackPlugin } from './plugin.js';

test.each([
  ['#access-requests', true],
  ['access_requests', true],
  ['C0123456789', true],
  ['zugänge', true],
  ['alice@example.com', true],
  ['', false],
  ['#', false],
  ['two words', false],
  ['<!channel>', false],
  ['alice@example.com\nx', false],
  ['@alice', false],
  [5, false],
])('whether %j is a recipient: %s', (text, sound) => {
  expect(slackPlugin.recipient.parse(text)).toBe(sound ? text : undefined);
});
