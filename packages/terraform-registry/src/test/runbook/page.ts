import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const path = join(import.meta.dirname, '../../../../../docs/runbooks/terraform-recovery.md');

/** The blocks of the page that a comment before them names: `<!-- prints: interrupted -->`. */
export function blocksOf(kind: 'prints' | 'gpg' | 'policy'): ReadonlyMap<string, string> {
  const page = readFileSync(path, 'utf8');
  const named = /<!-- (\w+): ([\w-]+) -->\n\n```\w+\n([^]*?)\n```/g;
  const blocks = [...page.matchAll(named)].filter(([, found]) => found === kind);
  return new Map(blocks.map(([, , name = '', text = '']) => [name, text]));
}

/** What a block says, in which `…` stands for what differs each time. */
export function patternOf(block: string): RegExp {
  const parts = block.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^\\n]+')}$`);
}
