/** A registry of Amazon's, told by its host. */
export type EcrRegistry =
  | {
      readonly kind: 'private';
      /** 12 digits. */
      readonly account: string;
      /** Its tokens are issued there and nowhere else. */
      readonly region: string;
      /** The first part of its ARNs: `aws`, `aws-cn`, … */
      readonly partition: string;
      readonly fips: boolean;
      /** Reached over IPv6 too. */
      readonly dualStack: boolean;
    }
  | { readonly kind: 'public' };

/** The host of Amazon ECR Public, whatever the region. */
export const ecrPublicHost = 'public.ecr.aws';

/**
 * The registry of Amazon's that is reached at this host, or `undefined` for any other registry.
 * https://docs.aws.amazon.com/AmazonECR/latest/userguide/ecr-requests.html
 */
export function ecrRegistryOf(host: string): EcrRegistry | undefined {
  const name = host.toLowerCase();
  if (name === ecrPublicHost) return { kind: 'public' };
  const [, account, separator, fips, region, suffix] = pattern.exec(name) ?? [];
  if (account === undefined || region === undefined) return undefined;
  const dualStack = separator === '-';
  const found = partitions.find(({ regions }) => regions.test(region));
  if (found === undefined || suffix !== found[dualStack ? 'dualStack' : 'suffix']) return undefined;
  const { partition } = found;
  return { kind: 'private', account, region, partition, fips: fips !== undefined, dualStack };
}

/** What ARNs of a region begin with after `arn:`, and what the names of its hosts end in. */
export function partitionOf(region: string): {
  readonly partition: string;
  readonly suffix: string;
} {
  return (
    partitions.find(({ regions }) => regions.test(region)) ?? {
      partition: 'aws',
      suffix: 'amazonaws.com',
    }
  );
}

const pattern = /^(\d{12})\.dkr([.-])ecr(-fips)?\.([a-z0-9-]+)\.(.+)$/;

/** The first whose regions fit: one's suffix would let another's region pass. */
const partitions = [
  partition('aws-cn', /^cn-/, 'amazonaws.com.cn', 'on.amazonwebservices.com.cn'),
  partition('aws-us-gov', /^us-gov-/, 'amazonaws.com', 'on.aws'),
  partition('aws-eusc', /^eusc-/, 'amazonaws.eu', 'on.amazonwebservices.eu'),
  partition('aws', /^(?!us-iso)[a-z]{2}(?:-[a-z]+)+-\d+$/, 'amazonaws.com', 'on.aws'),
];

function partition(name: string, regions: RegExp, suffix: string, dualStack: string) {
  return { partition: name, regions, suffix, dualStack };
}
