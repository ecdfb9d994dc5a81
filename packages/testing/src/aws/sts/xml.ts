import { randomUUID } from 'node:crypto';

import type { Tree } from '../../xml.js';
import { rootXml } from '../xml.js';

/** As the Query protocol wraps the result of an action. */
export function resultXml(action: string, result: Tree): string {
  return rootXml(`${action}Response`, 'sts', {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: randomUUID() },
  });
}
