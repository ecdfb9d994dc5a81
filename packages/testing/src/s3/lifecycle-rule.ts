import { elements, unescaped, type Tree } from '../xml.js';
import { malformedXml, notImplemented, S3Fault } from './fault.js';

/**
 * A rule of those that end uploads in parts, which are the ones that this S3 knows.
 * https://docs.aws.amazon.com/AmazonS3/latest/API/API_LifecycleRule.html
 */
export interface LifecycleRule {
  readonly id: string;
  readonly status: 'Enabled' | 'Disabled';
  /** Of keys; `undefined` where the filter is empty. */
  readonly prefix: string | undefined;
  readonly daysAfterInitiation: number;
}

/** @param newId For rules that have none. */
export function parseLifecycle(document: string, newId: () => string): readonly LifecycleRule[] {
  const [configuration = ''] = elements(document, 'LifecycleConfiguration');
  const rules = elements(configuration, 'Rule').map((rule) => parseRule(rule, newId));
  if (rules.length === 0) throw malformedXml();
  if (new Set(rules.map(({ id }) => id)).size < rules.length) {
    throw invalidArgument('Rule ID must be unique. Found same ID for more than one rule');
  }
  return rules;
}

export function ruleTree({ id, status, prefix, daysAfterInitiation }: LifecycleRule): Tree {
  return {
    ID: id,
    Filter: prefix === undefined ? {} : { Prefix: prefix },
    Status: status,
    AbortIncompleteMultipartUpload: { DaysAfterInitiation: daysAfterInitiation },
  };
}

function parseRule(rule: string, newId: () => string): LifecycleRule {
  const [filter] = elements(rule, 'Filter');
  const [status] = elements(rule, 'Status');
  if (filter === undefined || (status !== 'Enabled' && status !== 'Disabled')) throw malformedXml();
  const other = [...otherActions, ...otherFilters].find((name) => elements(rule, name).length > 0);
  if (other !== undefined) throw notImplemented(other);
  return {
    id: elements(rule, 'ID').map(unescaped)[0] ?? newId(),
    status,
    prefix: elements(filter, 'Prefix').map(unescaped)[0],
    daysAfterInitiation: daysIn(rule),
  };
}

function daysIn(rule: string): number {
  const [abort] = elements(rule, 'AbortIncompleteMultipartUpload');
  if (abort === undefined) {
    throw new S3Fault(400, 'InvalidRequest', 'At least one action needs to be specified in a rule');
  }
  const [days] = elements(abort, 'DaysAfterInitiation');
  if (days === undefined || !/^-?\d+$/.test(days)) throw malformedXml();
  if (Number(days) > 0) return Number(days);
  throw invalidArgument(
    "'DaysAfterInitiation' for AbortIncompleteMultipartUpload action must be a positive integer",
  );
}

function invalidArgument(message: string): S3Fault {
  return new S3Fault(400, 'InvalidArgument', message);
}

const otherActions = [
  ...['Expiration', 'NoncurrentVersionExpiration'],
  ...['Transition', 'NoncurrentVersionTransition'],
];

const otherFilters = ['And', 'Tag', 'ObjectSizeGreaterThan', 'ObjectSizeLessThan'];
