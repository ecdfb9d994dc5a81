type Value = string | number | boolean | Tree | readonly Tree[] | undefined;

/** A document: members in order, `undefined` ones left out, an array as elements of one name. */
export interface Tree {
  readonly [name: string]: Value;
}

const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xml(root: string, members: Tree): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<${root} xmlns="${namespace}">${inner(members)}</${root}>`;
}

export function errorXml(members: Tree): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner(members)}</Error>`;
}

function inner(members: Tree): string {
  return Object.entries(members)
    .flatMap(([name, value]) =>
      isArray(value) ? value.map((each) => [name, each]) : [[name, value]],
    )
    .map(([name, value]) => element(name as string, value as Value))
    .join('');
}

function element(name: string, value: Value): string {
  if (value === undefined) return '';
  const text = typeof value === 'object' ? inner(value as Tree) : escaped(String(value));
  return `<${name}>${text}</${name}>`;
}

function isArray(value: Value): value is readonly Tree[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll('\r', '&#13;');
}
