import { expect, test } from 'vitest';

import { describeWithPeer } from '../peer.js';
import { serveS3 } from './serve.js';
import { ask } from './test/client.js';
import { opened } from './test/command-line.js';

const uploads =
  '{"Rules":[{"ID":"uploads","Status":"Enabled","Filter":{},"AbortIncompleteMultipartUpload":{"DaysAfterInitiation":7}}]}';

describeWithPeer({ program: 'aws', install: 'apt-get install awscli' }, (program) => {
  test('rules are kept and given back', async () => {
    const { api } = await opened(program);
    const bucket = ['--bucket', 'bucket'];
    const get = () => api('get-bucket-lifecycle-configuration', ...bucket);
    const put = (rules: string) =>
      api('put-bucket-lifecycle-configuration', ...bucket, '--lifecycle-configuration', rules);
    await expect(get()).rejects.toThrow('(NoSuchLifecycleConfiguration)');
    await put(uploads);
    expect(await get()).toMatchObject(JSON.parse(uploads) as object);
    const rule = {
      ...{ ID: 'a & b', Status: 'Disabled', Filter: { Prefix: 'a/<b>' } },
      AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
    };
    await put(JSON.stringify({ Rules: [rule, { ...rule, ID: 'other' }] }));
    expect(await get()).toMatchObject({ Rules: [rule, { ...rule, ID: 'other' }] });
    await expect(put('{"Rules":[{"Status":"On","Filter":{}}]}')).rejects.toThrow('(MalformedXML)');
  });
});

const abort = (days: string) =>
  `<AbortIncompleteMultipartUpload><DaysAfterInitiation>${days}</DaysAfterInitiation></AbortIncompleteMultipartUpload>`;
const [id, on, filter] = ['<ID>a</ID>', '<Status>Enabled</Status>', '<Filter/>'];
const rule = id + on + filter + abort('7');

test.each([
  ['no rules', [], 'MalformedXML'],
  ['a rule without a status', [filter + abort('7')], 'MalformedXML'],
  ['a rule without a filter', [on + abort('7')], 'MalformedXML'],
  ['a rule without an action', [on + filter], 'InvalidRequest'],
  ['days that are no number', [on + filter + abort('seven')], 'MalformedXML'],
  ['no days', [on + filter + abort('0')], 'InvalidArgument'],
  ['two rules of one name', [rule, rule], 'InvalidArgument'],
  ['what is not known here', [`${rule}<Expiration><Days>1</Days></Expiration>`], 'NotImplemented'],
] as const)('%s: is refused, and nothing is changed', async (_, rules, code) => {
  const s3 = await serveS3();
  const put = (given: readonly string[]) => {
    const all = given.map((each) => `<Rule>${each}</Rule>`).join('');
    const body = `<LifecycleConfiguration>${all}</LifecycleConfiguration>`;
    return ask(s3, 'PUT /bucket?lifecycle', { body });
  };
  expect((await put([rule])).status).toBe(200);
  expect(await put(rules)).toMatchObject({ code });
  expect((await ask(s3, 'GET /bucket?lifecycle')).body).toContain('<ID>a</ID>');
});

test('a rule without a name gets one', async () => {
  const s3 = await serveS3();
  const body = `<LifecycleConfiguration><Rule>${on + filter + abort('7')}</Rule></LifecycleConfiguration>`;
  await ask(s3, 'PUT /bucket?lifecycle', { body });
  expect((await ask(s3, 'GET /bucket?lifecycle')).body).toMatch(/<ID>.+<\/ID>/);
});
