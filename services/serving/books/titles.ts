/** A title as people may type it: without case, accents, punctuation and doubled spaces. */
export function titleKey(title: string): string {
  // Most titles have nothing to decompose, and that is the costly part.
  const plain = isAscii(title)
    ? title
    : title
        .normalize("NFKD")
        .replace(/\p{M}/gu, "")
        .replace(/[’‘`´]/g, "'");
  const words = plain.toLowerCase();
  return (isAscii(words) ? words.replace(/[^a-z0-9']+/g, " ") : words.replace(/[^\p{L}\p{N}']+/gu, " ")).trim();
}

/** The title without the remark in brackets that many end with; undefined for one without. */
export function withoutRemark(title: string): string | undefined {
  const open = title.indexOf("(");
  return open > 0 && title.trimEnd().endsWith(")") ? title.slice(0, open) : undefined;
}

function isAscii(text: string): boolean {
  // eslint-disable-next-line no-control-regex -- the range of ASCII begins with them
  return /^[\u0000-\u007f]*$/.test(text);
}
