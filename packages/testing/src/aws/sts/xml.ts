import { randomUUID } from 'node:crypto';

/** What stands in an element: text, or elements by their names. */
export type XmlContent = string | number | { readonly [name: string]: XmlContent | undefined };

const namespace = 'https://sts.amazonaws.com/doc/2011-06-15/';

/** As the Query protocol wraps the result of an action. */
export function resultXml(action: string, result: XmlContent): string {
  const content = element(`${action}Result`, result) + element('ResponseMetadata', requestId());
  return `<${action}Response xmlns="${namespace}">${content}</${action}Response>`;
}

export function errorXml(code: string, message: string): string {
  const error = { Type: 'Sender', Code: code, Message: message };
  const content = element('Error', error) + elements(requestId());
  return `<ErrorResponse xmlns="${namespace}">${content}</ErrorResponse>`;
}

function requestId(): Readonly<Record<string, string>> {
  return { RequestId: randomUUID() };
}

function element(name: string, content: XmlContent): string {
  const inner = typeof content === 'object' ? elements(content) : escaped(String(content));
  return `<${name}>${inner}</${name}>`;
}

function elements(content: Readonly<Record<string, XmlContent | undefined>>): string {
  return Object.entries(content)
    .map(([name, inner]) => (inner === undefined ? '' : element(name, inner)))
    .join('');
}

function escaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };
  return text.replace(/[&<>]/g, (character) => entities[character] ?? '');
}
