import { rootElement, type Tree } from '../xml.js';

const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
const namespace = 'http://s3.amazonaws.com/doc/2006-03-01/';

export function xml(root: string, members: Tree): string {
  return declaration + rootElement(root, members, namespace);
}

export function errorXml(members: Tree): string {
  return declaration + rootElement('Error', members);
}
