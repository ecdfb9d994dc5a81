/**
 * A JSON text with one member set in an object of it: the one at `path`, which is made when it is not
 * there. All other bytes stay as they are: order, indentation, numbers of any length. The text must be
 * that of an object, and what there is at `path` an object too.
 */
export function setMember(
  text: string,
  path: readonly string[],
  name: string,
  value: string,
): string {
  const { object, depth } = innermost(text, path);
  const missing = path.slice(depth);
  const known = missing.length === 0 ? find(object, name) : undefined;
  if (known !== undefined) return replaced(text, known, JSON.stringify(value));

  const members = [...missing, name];
  const content = members.reduceRight<unknown>((inner, member) => ({ [member]: inner }), value);
  const unit = indentationOf(text);
  const margin = unit?.repeat(depth) ?? '';
  const formatted = JSON.stringify(content, undefined, unit).replaceAll('\n', `\n${margin}`);
  const [first] = object.members;
  const last = object.members.at(-1);
  if (first === undefined || last === undefined) return replaced(text, object, formatted);
  const added = formatted.slice(1, -1).trim();
  const separator = `,${text.slice(object.start + 1, first.nameStart)}`;
  return replaced(text, { start: last.end, end: last.end }, separator + added);
}

/** A JSON text without those members of the object at `path`, which stays even if it is empty then. */
export function removeMembers(
  text: string,
  path: readonly string[],
  names: readonly string[],
): string {
  const { object, depth } = innermost(text, path);
  const { members } = object;
  const kept = members.filter((member) => !names.includes(member.name));
  if (depth < path.length || kept.length === members.length) return text;
  const [first] = members;
  if (first === undefined || kept.length === 0) return replaced(text, object, '{}');
  // The separator in front of a member goes with it, and the space in front of the first one stays.
  const pieces = kept.map((member, index) => {
    const before = index === 0 ? undefined : members[members.indexOf(member) - 1];
    return text.slice(before?.end ?? member.nameStart, member.end);
  });
  const span = { start: first.nameStart, end: members.at(-1)?.end ?? first.end };
  return replaced(text, span, pieces.join(''));
}

interface Span {
  readonly start: number;
  /** Behind the last character. */
  readonly end: number;
}

/** The span is that of the value. */
interface Member extends Span {
  readonly name: string;
  readonly nameStart: number;
}

interface ObjectSpan extends Span {
  readonly members: readonly Member[];
}

function replaced(text: string, { start, end }: Span, by: string): string {
  return text.slice(0, start) + by + text.slice(end);
}

/** As far as there are objects on a path, the last of them. */
function innermost(text: string, path: readonly string[]) {
  let object = objectAt(text, skipSpace(text, 0));
  let depth = 0;
  for (const name of path) {
    const member = find(object, name);
    if (member === undefined) break;
    object = objectAt(text, member.start);
    depth += 1;
  }
  return { object, depth };
}

/** Where several have one name, the last one counts. */
function find({ members }: ObjectSpan, name: string): Member | undefined {
  return members.findLast((member) => member.name === name);
}

/** What its lines are indented with; `undefined` when it is all on one. Docker indents with tabs. */
function indentationOf(text: string): string | undefined {
  const { start, members } = objectAt(text, skipSpace(text, 0));
  const [first] = members;
  if (first === undefined) return '\t';
  return /\n([ \t]*)$/.exec(text.slice(start, first.nameStart))?.[1];
}

function objectAt(text: string, start: number): ObjectSpan {
  const members: Member[] = [];
  let at = skipSpace(text, start + 1);
  while (text[at] !== '}') {
    const nameEnd = endOfValue(text, at);
    const name = JSON.parse(text.slice(at, nameEnd)) as string;
    const valueStart = skipSpace(text, skipSpace(text, nameEnd) + 1);
    const member = { name, nameStart: at, start: valueStart, end: endOfValue(text, valueStart) };
    members.push(member);
    at = skipSpace(text, member.end);
    if (text[at] === ',') at = skipSpace(text, at + 1);
  }
  return { start, end: at + 1, members };
}

function endOfValue(text: string, start: number): number {
  const token = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]]|[^"{}[\],:\s]+|[,:\s]+/y;
  token.lastIndex = start;
  let depth = 0;
  do {
    const [found] = token.exec(text) ?? [];
    if (found === undefined) throw new Error('not the text of a JSON object');
    if (found === '{' || found === '[') depth += 1;
    if (found === '}' || found === ']') depth -= 1;
  } while (depth > 0);
  return token.lastIndex;
}

function skipSpace(text: string, start: number): number {
  const space = /\s*/y;
  space.lastIndex = start;
  space.exec(text);
  return space.lastIndex;
}
