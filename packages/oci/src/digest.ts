/** `algorithm:hex`, lower case. https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests */
export type Digest = `sha256:${string}` | `sha512:${string}`;
