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
