import { AuthError } from '../error.js';

/** `arn:aws:ecr:us-west-2:1:repository/a/b`, or `arn:aws:ecr-public::1:repository/b`. */
export type RepositoryArn = string;

/** Objects of a bucket: all, `arn:aws:s3:::bucket/*`, or those below a prefix, `arn:aws:s3:::bucket/prefix/*`. */
export type ObjectsArn = string;

/** What a step does, and to which repositories, private and public ones, and which objects. */
export interface PolicyNeeds {
  readonly pull?: readonly RepositoryArn[];
  /** Pulling is part of it: what is there already is looked at first. */
  readonly push?: readonly RepositoryArn[];
  /** To be asked for whether they are there. */
  readonly describe?: readonly RepositoryArn[];
  readonly create?: readonly RepositoryArn[];
  /** The ARNs of the keys of KMS that what is created is encrypted with; none for AES256. */
  readonly keys?: readonly string[];
  readonly readObjects?: readonly ObjectsArn[];
  /** Reading is part of it: what is there already is looked at first. */
  readonly writeObjects?: readonly ObjectsArn[];
  readonly deleteObjects?: readonly ObjectsArn[];
  /** The ARNs of the keys of KMS that objects are encrypted with. Who writes some reads, too. */
  readonly keysOfObjects?: readonly string[];
}

export interface PolicyStatement {
  readonly Effect: 'Allow';
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html */
export interface PolicyDocument {
  readonly Version: '2012-10-17';
  readonly Statement: readonly PolicyStatement[];
}

/** The longest session policy, in characters as it is sent. */
const policyLimit = 2048;

/**
 * The session policy of a step: what it needs and nothing else, so that its credentials and tokens serve
 * for nothing else either. It takes rights away from the role, and gives none.
 *
 * Throws `policy-too-large` for more repositories than fit.
 */
export function sessionPolicy(needs: PolicyNeeds): PolicyDocument {
  const statements = services.flatMap((service) => {
    const of = (arns: readonly RepositoryArn[] = []) =>
      [...new Set(arns)].filter((arn) => arn.split(':')[2] === service.name).sort();
    const push = of(needs.push);
    const pull = of(needs.pull).filter((arn) => !push.includes(arn));
    const [describe, create] = [of(needs.describe), of(needs.create)];
    if ([push, pull, describe, create].every(({ length }) => length === 0)) return [];
    return [
      allow(service.login, ['*']),
      allow(named(service.name, service.pull), pull),
      allow(named(service.name, [...service.pull, ...service.push]), push),
      allow(named(service.name, ['DescribeRepositories']), describe),
      allow(named(service.name, ['CreateRepository']), create),
    ];
  });
  const document: PolicyDocument = {
    Version: '2012-10-17',
    Statement: [
      ...statements,
      allow(keyActions, needs.keys ?? []),
      ...statementsForObjects(needs),
    ].filter(({ Action, Resource }) => Action.length * Resource.length > 0),
  };
  const { length } = JSON.stringify(document);
  if (length <= policyLimit) return document;
  const { pull = [], push = [], describe = [], create = [] } = needs;
  const repositories = new Set([...pull, ...push, ...describe, ...create]).size;
  throw new AuthError(
    'policy-too-large',
    `the session policy for ${repositories} repositories has ${length} characters, AWS takes ${policyLimit}; release fewer plugins in one step`,
  );
}

/**
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistry.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerregistrypublic.html
 */
const services = [
  {
    name: 'ecr',
    login: ['ecr:GetAuthorizationToken'],
    pull: [
      'BatchCheckLayerAvailability',
      'BatchGetImage',
      'DescribeImages',
      'GetDownloadUrlForLayer',
      'ListImages',
    ],
    push: ['CompleteLayerUpload', 'InitiateLayerUpload', 'PutImage', 'UploadLayerPart'],
  },
  {
    name: 'ecr-public',
    login: ['ecr-public:GetAuthorizationToken', 'sts:GetServiceBearerToken'],
    // Everybody may pull: there are no actions for it.
    pull: [],
    push: [
      'BatchCheckLayerAvailability',
      'CompleteLayerUpload',
      'DescribeImages',
      'InitiateLayerUpload',
      'PutImage',
      'UploadLayerPart',
    ],
  },
] as const;

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html#ecr-kms-permissions */
const keyActions = ['kms:CreateGrant', 'kms:DescribeKey', 'kms:RetireGrant'];

/** To read, and then to write. https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html#require-sse-kms */
const useOfKeys = ['kms:Decrypt', 'kms:GenerateDataKey'];

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazons3.html */
function statementsForObjects(needs: PolicyNeeds): readonly PolicyStatement[] {
  const { readObjects = [], writeObjects = [], deleteObjects = [], keysOfObjects = [] } = needs;
  const unique = (arns: readonly string[]) => [...new Set(arns)].sort();
  const all = [...readObjects, ...writeObjects, ...deleteObjects];
  return [
    // Of the bucket as a whole: without it S3 answers 403 for an object that is absent.
    allow(['s3:ListBucket'], unique(all.map((arn) => arn.slice(0, arn.indexOf('/'))))),
    allow(['s3:GetObject'], unique([...readObjects, ...writeObjects])),
    allow(['s3:AbortMultipartUpload', 's3:PutObject'], unique(writeObjects)),
    allow(['s3:DeleteObject'], unique(deleteObjects)),
    allow(writeObjects.length > 0 ? useOfKeys : useOfKeys.slice(0, 1), unique(keysOfObjects)),
  ];
}

function named(service: string, actions: readonly string[]): readonly string[] {
  return actions.map((action) => `${service}:${action}`);
}

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return { Effect: 'Allow', Action: actions, Resource: resources };
}
