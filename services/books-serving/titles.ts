/** A title as people may type it: without case, accents, punctuation at word ends and doubled spaces. */
export function titleKey(title: string): string {
  return title
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[’‘`´]/g, "'")
    .replace(/[^\p{L}\p{N}']+/gu, " ")
    .trim();
}

/** The keys a title is found under: its own, and that without the remark in brackets that many titles end with. */
export function titleKeys(title: string): string[] {
  const bare = title.replace(/\s*\(.*\)\s*$/, "");
  return [...new Set([titleKey(title), titleKey(bare)])].filter(Boolean);
}
