import { randomUUID } from 'node:crypto';

import { rootXml, type XmlContent } from '../xml.js';

/** As the Query protocol wraps the result of an action. */
export function resultXml(action: string, result: XmlContent): string {
  return rootXml(`${action}Response`, 'sts', {
    [`${action}Result`]: result,
    ResponseMetadata: { RequestId: randomUUID() },
  });
}
