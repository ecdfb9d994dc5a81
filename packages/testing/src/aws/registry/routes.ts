/** What a request to a registry asks for. */
export interface Route {
  /** As ECR's policies call it. */
  readonly action: RegistryAction;
  /** Of the repository, as it stands in the address. */
  readonly name: string;
  /** A tag, a digest, or the id of an upload. */
  readonly reference: string;
}

export type RegistryAction =
  | 'BatchGetImage'
  | 'PutImage'
  | 'BatchCheckLayerAvailability'
  | 'GetDownloadUrlForLayer'
  | 'InitiateLayerUpload'
  | 'UploadLayerPart'
  | 'CompleteLayerUpload'
  | 'ListImages'
  | 'ListReferrers';

/** `undefined` for what ECR does not have, such as deleting by this protocol. */
export function routeOf(method: string, path: string): Route | undefined {
  for (const { pattern, actions } of routes) {
    const [, name, reference = ''] = pattern.exec(path) ?? [];
    if (name === undefined) continue;
    const action = actions[method];
    return action && { action, name, reference };
  }
  return undefined;
}

const routes: readonly {
  readonly pattern: RegExp;
  readonly actions: Readonly<Partial<Record<string, RegistryAction>>>;
}[] = [
  {
    pattern: /^\/v2\/(.+)\/manifests\/([^/]+)$/,
    actions: { HEAD: 'BatchGetImage', GET: 'BatchGetImage', PUT: 'PutImage' },
  },
  { pattern: /^\/v2\/(.+)\/blobs\/uploads\/$/, actions: { POST: 'InitiateLayerUpload' } },
  {
    pattern: /^\/v2\/(.+)\/blobs\/uploads\/([^/]+)$/,
    actions: { GET: 'UploadLayerPart', PATCH: 'UploadLayerPart', PUT: 'CompleteLayerUpload' },
  },
  {
    pattern: /^\/v2\/(.+)\/blobs\/([^/]+)$/,
    actions: { HEAD: 'BatchCheckLayerAvailability', GET: 'GetDownloadUrlForLayer' },
  },
  { pattern: /^\/v2\/(.+)\/tags\/list$/, actions: { GET: 'ListImages' } },
  { pattern: /^\/v2\/(.+)\/referrers\/([^/]+)$/, actions: { GET: 'ListReferrers' } },
];
