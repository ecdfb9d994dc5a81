import type { Digest, Repository } from '@teleport-plugins/oci';

import type { Line } from '../step/show.js';

/** Where the images of a plugin are in one of an environment's registries, until the step ends. */
export interface Place {
  /** To plan with: nothing can be written through it where that can be prevented. */
  readonly repository: Repository;
  /** What has to be made there before anything can be written, for a plan. */
  readonly preparation: () => Promise<readonly Line[]>;
  /** To write to, once the plan has been accepted: makes what has to be. */
  readonly forWriting: () => Promise<Repository>;
  /** `host/name:tag@digest`, as people can use it: of an embedded registry as `serve` offers it. */
  reference(parts?: { readonly tag?: string; readonly digest?: Digest }): string;
}
