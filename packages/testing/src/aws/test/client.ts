import type { AwsCredentials } from '../options.js';
import type { Aws } from '../serve.js';
import { signatureOf } from '../sigv4.js';

/** An answer of an API. */
export interface ApiAnswer {
  readonly status: number;
  /** Of a fault. */
  readonly code: string | undefined;
  readonly message: string | undefined;
  readonly body: string;
  readonly headers: Headers;
}

export interface CallOptions {
  /** Default: us-west-2; us-east-1 of ECR Public. */
  readonly region?: string;
  /** Default: that of the API. */
  readonly service?: string;
  /** What the clock of the caller says. Default: the machine's. */
  readonly now?: Date;
  /** Changes what is sent, after it was signed. */
  readonly tamper?: (sent: { body: string; headers: Record<string, string> }) => void;
}

/** Calls STS. */
export function askSts(
  aws: Aws,
  credentials: AwsCredentials | undefined,
  parameters: Readonly<Record<string, string>>,
  options: CallOptions = {},
): Promise<ApiAnswer> {
  const body = new URLSearchParams({ Version: '2011-06-15', ...parameters }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded' };
  return ask(aws, credentials, { body, headers }, { service: 'sts', ...options });
}

/** Calls ECR, or with `ecr-public` ECR Public. */
export function askEcr(
  aws: Aws,
  credentials: AwsCredentials | undefined,
  [api, operation]: readonly ['ecr' | 'ecr-public', string],
  parameters: unknown = {},
  options: CallOptions = {},
): Promise<ApiAnswer> {
  const isPublic = api === 'ecr-public';
  const target = isPublic ? 'SpencerFrontendService' : 'AmazonEC2ContainerRegistry_V20150921';
  const headers = {
    'content-type': 'application/x-amz-json-1.1',
    'x-amz-target': `${target}.${operation}`,
  };
  const region = isPublic ? 'us-east-1' : 'us-west-2';
  const body = JSON.stringify(parameters);
  return ask(aws, credentials, { body, headers }, { service: api, region, ...options });
}

/** Calls CloudFront: `POST /2020-05-31/distribution/D/invalidation`. */
export function askCloudFront(
  aws: Aws,
  credentials: AwsCredentials | undefined,
  request: `${'GET' | 'POST'} /${string}`,
  body?: string,
  options: CallOptions = {},
): Promise<ApiAnswer> {
  const [method = '', path = ''] = request.split(' ');
  const headers = { 'content-type': 'text/xml' };
  const common = { service: 'cloudfront', region: 'us-east-1' };
  return ask(aws, credentials, { method, path, body, headers }, { ...common, ...options });
}

/** The value of an element. */
export function elementIn({ body }: ApiAnswer, name: string): string | undefined {
  return new RegExp(`<${name}>([^<]*)</${name}>`).exec(body)?.[1];
}

interface ApiRequest {
  /** Default: POST. */
  readonly method?: string;
  /** Default: `/`. */
  readonly path?: string;
  readonly body: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
}

async function ask(
  aws: Aws,
  credentials: AwsCredentials | undefined,
  request: ApiRequest,
  { region = 'us-west-2', service = '', now = new Date(), tamper }: CallOptions,
): Promise<ApiAnswer> {
  const { method = 'POST', path = '/' } = request;
  const time = now.toISOString().replace(/[-:]|\.\d+/g, '');
  const sent = {
    body: request.body ?? '',
    headers: { ...request.headers, 'x-amz-date': time } as Record<string, string>,
  };
  if (credentials) {
    const { accessKeyId, secretAccessKey, sessionToken } = credentials;
    if (sessionToken !== undefined) sent.headers['x-amz-security-token'] = sessionToken;
    const scope = { date: time.slice(0, 8), region, service };
    const signed = { ...sent.headers, host: new URL(aws.endpoint).host };
    const signedHeaders = Object.keys(signed).sort();
    const signature = signatureOf(
      { method, target: path, headers: signed, body: Buffer.from(sent.body) },
      { scope, signedHeaders },
      secretAccessKey,
    );
    sent.headers.authorization = [
      `AWS4-HMAC-SHA256 Credential=${accessKeyId}/${scope.date}/${region}/${service}/aws4_request`,
      `SignedHeaders=${signedHeaders.join(';')}`,
      `Signature=${signature}`,
    ].join(', ');
  }
  tamper?.(sent);
  const { body, headers } = sent;
  const content = method === 'GET' ? {} : { body };
  const response = await fetch(aws.endpoint + path, { method, headers, ...content });
  return readAnswer(response);
}

async function readAnswer(response: Response): Promise<ApiAnswer> {
  const body = await response.text();
  const common = { status: response.status, body, headers: response.headers };
  if (body.startsWith('{')) {
    const { __type: code, message } = JSON.parse(body) as Record<string, string | undefined>;
    return { ...common, code, message };
  }
  const [, code] = /<Code>(.*)<\/Code>/.exec(body) ?? [];
  const [, message] = /<Message>(.*)<\/Message>/.exec(body) ?? [];
  return { ...common, code, message };
}
