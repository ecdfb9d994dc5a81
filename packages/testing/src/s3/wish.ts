/** What somebody wants to do, in the words of IAM. */
export interface S3Wish {
  /** `s3:GetObject` */
  readonly action: string;
  /** `arn:aws:s3:::bucket/key` */
  readonly resource: string;
}

/** What an access key may do: nothing is known of it, its time is over, or it may do it or not. */
export type Permission = 'unknown' | 'expired' | 'denied' | 'allowed';
