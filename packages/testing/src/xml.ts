type Value = string | number | boolean | Tree | readonly Value[] | undefined;

/** Elements by their names: in order, `undefined` ones left out, an array as several of one name. */
export interface Tree {
  readonly [name: string]: Value;
}

/** The root of a document, in a namespace if there is one. */
export function rootElement(root: string, members: Tree, namespace?: string): string {
  const attribute = namespace === undefined ? '' : ` xmlns="${namespace}"`;
  return `<${root}${attribute}>${inner(members)}</${root}>`;
}

function inner(members: Tree): string {
  return Object.entries(members)
    .flatMap(([name, value]) => [value].flat().map((each) => element(name, each)))
    .join('');
}

function element(name: string, value: Value): string {
  if (value === undefined) return '';
  const text = typeof value === 'object' ? inner(value as Tree) : escaped(String(value));
  return `<${name}>${text}</${name}>`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}

/** The texts of all elements of a name in a request's body, which has no deeper ones of that name. */
export function elements(document: string, name: string): readonly string[] {
  const pattern = new RegExp(`<${name}(?:\\s[^>]*?)?(?:/>|>([^]*?)</${name}>)`, 'g');
  return [...document.matchAll(pattern)].map((match) => match[1] ?? '');
}

export function unescaped(text: string): string {
  const named: Readonly<Record<string, string>> = {
    lt: '<',
    gt: '>',
    quot: '"',
    apos: "'",
    amp: '&',
  };
  return text.replaceAll(/&(#x[\da-f]+|#\d+|\w+);/gi, (whole: string, name: string) => {
    if (!name.startsWith('#')) return named[name] ?? whole;
    return String.fromCodePoint(Number(name.toLowerCase().replace('#x', '0x').replace('#', '')));
  });
}
