import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = join(import.meta.dirname, '../../../docs/runbooks');

/** A block of commands, or of what they print, with the name that a comment before it gives. */
export interface Block {
  /** `undefined` where there is no comment. */
  readonly kind: string | undefined;
  readonly name: string | undefined;
  /** `sh`, `text`, `json`, … */
  readonly language: string;
  readonly text: string;
}

/** All blocks of a page of docs/runbooks, in its order: `<!-- run: provider -->` names the one below it. */
export function blocksOf(page: string): readonly Block[] {
  const text = readFileSync(join(folder, `${page}.md`), 'utf8');
  const pattern = /(?:<!-- ([\w-]+): ([\w-]+) -->\n\n)?^```(\w+)\n([^]*?)\n```$/gm;
  return [...text.matchAll(pattern)].map(([, kind, name, language = '', block = '']) => ({
    kind,
    name,
    language,
    text: block,
  }));
}

/** The lines of a block as they are printed, in which `…` stands for what differs each time. */
export function linesOf({ text }: Block): readonly RegExp[] {
  return text.split('\n').map((line) => {
    const parts = line.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
    return new RegExp(parts.join('[^\\n]+'));
  });
}
