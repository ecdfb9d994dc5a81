export type AwsService =
  'sts' | 'sso' | 'ecr' | 'ecr-public' | 'cloudfront' | 'registry' | 'storage';

/** Something that AWS was asked. Nothing in it is secret. */
export interface AwsCall {
  readonly service: AwsService;
  /** `AssumeRole`; for the registry the action that a policy has to allow: `PutImage`. */
  readonly action: string;
  /** The region that the request was signed for; the registry's. */
  readonly region?: string;
  /** The ARN of who asked, when that is known. */
  readonly by?: string;
  /** What was asked for, without what is secret. */
  readonly parameters: Readonly<Record<string, unknown>>;
  /** `succeeded`, the name of the error, a registry's status, or `no answer`. */
  readonly outcome: string;
}

/** What AWS was asked so far, in order. */
export interface AwsCalls {
  /** `['GetCallerIdentity', 'AssumeRole']`. */
  readonly sts: readonly string[];
  readonly sso: readonly string[];
  readonly ecr: readonly string[];
  readonly ecrPublic: readonly string[];
  readonly cloudfront: readonly string[];
  /** `['146628656107/us-west-2 PUT /v2/acme/app/manifests/1', 'public GET /token/']`. */
  readonly registry: readonly string[];
  /** Downloads of blobs, from the origin that registries redirect to: `['GET /sha256:…']`. */
  readonly storage: readonly string[];
  readonly all: readonly AwsCall[];
}

/** One that can still change: who asked, and how it ended, is found out later. */
export type Recording = { -readonly [Key in keyof AwsCall]: AwsCall[Key] };

export interface CallLog {
  readonly calls: AwsCalls;
  record(call: Omit<AwsCall, 'outcome'>): Recording;
}

export function callLog(): CallLog {
  const all: Recording[] = [];
  const of = (service: AwsService) => all.filter((call) => call.service === service);
  const actions = (service: AwsService) => of(service).map(({ action }) => action);
  return {
    calls: {
      get sts() {
        return actions('sts');
      },
      get sso() {
        return actions('sso');
      },
      get ecr() {
        return actions('ecr');
      },
      get ecrPublic() {
        return actions('ecr-public');
      },
      get cloudfront() {
        return actions('cloudfront');
      },
      get registry() {
        return of('registry').map(({ parameters: { registry, method, path } }) =>
          [registry, method, path].join(' '),
        );
      },
      get storage() {
        return of('storage').map(({ parameters: { method, path } }) => [method, path].join(' '));
      },
      all,
    },
    record(call) {
      const recording = { ...call, outcome: 'no answer' };
      all.push(recording);
      return recording;
    },
  };
}
