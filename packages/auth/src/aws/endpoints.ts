import { variableIn, type Variables } from './variables.js';

/** Where services are asked, when not where AWS has them. */
export interface AwsEndpoints {
  readonly sts?: string;
  readonly ecr?: string;
  readonly ecrPublic?: string;
  readonly s3?: string;
}

/**
 * What AWS_ENDPOINT_URL and the variables of single services say, which come first.
 * https://docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html
 */
export function awsEndpoints(variables: Variables): AwsEndpoints {
  const of = (service: string) =>
    variableIn(variables, `AWS_ENDPOINT_URL_${service}`) ??
    variableIn(variables, 'AWS_ENDPOINT_URL');
  const found = {
    sts: of('STS'),
    ecr: of('ECR'),
    ecrPublic: of('ECR_PUBLIC'),
    s3: of('S3'),
  };
  return Object.fromEntries(Object.entries(found).filter(([, url]) => url !== undefined));
}
