/** What a reader is told of an object, as parameters. */
export function labelParameters(labels: {
  readonly contentType: string;
  readonly cacheControl?: string | undefined;
}) {
  return { ContentType: labels.contentType, CacheControl: labels.cacheControl };
}
