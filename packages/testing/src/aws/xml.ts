/** What stands in an element: text, elements by their names, or several elements of one name. */
export type XmlContent = string | number | XmlElements;

export interface XmlElements {
  readonly [name: string]: XmlContent | readonly XmlContent[] | undefined;
}

/** Of the services that answer in XML. */
const namespaces = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  cloudfront: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
} as const;

/** A document in the namespace of a service. */
export function rootXml(
  name: string,
  service: keyof typeof namespaces,
  content: XmlElements,
): string {
  return `<${name} xmlns="${namespaces[service]}">${elements(content)}</${name}>`;
}

function elements(content: XmlElements): string {
  return Object.entries(content)
    .flatMap(([name, inner]) => [inner ?? []].flat().map((each) => element(name, each)))
    .join('');
}

function element(name: string, content: XmlContent): string {
  const inner = typeof content === 'object' ? elements(content) : escaped(String(content));
  return `<${name}>${inner}</${name}>`;
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return text.replace(/[&<>]/g, (character) => entities[character] ?? '');
}
