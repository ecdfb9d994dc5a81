import type { S3Options } from '../options.js';
import { serveS3 } from '../serve.js';
import { ask } from './client.js';

/** An S3 whose `bucket` keeps versions, and what tests of them do again and again. */
export async function versioned({
  isVersioned = true,
  ...options
}: S3Options & { readonly isVersioned?: boolean } = {}) {
  const s3 = await serveS3(options);
  const set = (status: string) => {
    const body = `<VersioningConfiguration><Status>${status}</Status></VersioningConfiguration>`;
    return ask(s3, 'PUT /bucket?versioning', { body });
  };
  /** Gives the id of the version that it made, or `null`. */
  const put = async (key: string, body: string) =>
    (await ask(s3, `PUT /bucket/${key}`, { body })).headers.get('x-amz-version-id');
  /** `['Version a 0001 latest']`: in each line what it is, of which key, and its id. */
  const list = async (query = '') => {
    const { body } = await ask(s3, `GET /bucket?versions${query}`);
    const found = body.matchAll(/<(Version|DeleteMarker)>([^]*?)<\/\1>/g);
    return [...found].map(([, kind, row = '']) => {
      const of = (name: string) => new RegExp(`<${name}>(.*)</${name}>`).exec(row)?.[1];
      const latest = of('IsLatest') === 'true' ? ' latest' : '';
      return `${String(kind)} ${String(of('Key'))} ${String(of('VersionId'))}${latest}`;
    });
  };
  if (isVersioned) await set('Enabled');
  return { s3, set, put, list };
}
