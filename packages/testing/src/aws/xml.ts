import { rootElement, type Tree } from '../xml.js';

/** Of the services that answer in XML. */
const namespaces = {
  sts: 'https://sts.amazonaws.com/doc/2011-06-15/',
  cloudfront: 'http://cloudfront.amazonaws.com/doc/2020-05-31/',
} as const;

/** A document in the namespace of a service. */
export function rootXml(name: string, service: keyof typeof namespaces, content: Tree): string {
  return rootElement(name, content, namespaces[service]);
}
