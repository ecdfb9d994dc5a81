import { directoryStore, s3Store, type ObjectStore } from '@teleport-plugins/object-store';

interface Bucket {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
}

/** A folder, or a bucket of a server on loopback as JSON: so that a process can be told of either. */
export function openPlace(place: string): ObjectStore {
  if (!place.startsWith('{')) return directoryStore(place);
  const { endpoint, region, credentials } = JSON.parse(place) as Bucket;
  return s3Store({
    bucket: 'bucket',
    endpoint,
    region,
    credentials: () => Promise.resolve(credentials),
  });
}
