/** `private_network_id` → `privateNetworkId`. */
export function camelCase(name: string): string {
  return name.replace(/_+([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());
}

/** `privateNetworkId` → `private_network_id`. */
export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Pulumi's name of a field of the provider. Lists and sets are plural, unless a sibling already has that name.
 *
 * @param siblings names, in the provider, of all fields of the same object
 */
export function propertyName(
  name: string,
  { plural, siblings }: { readonly plural: boolean; readonly siblings: ReadonlySet<string> },
): string {
  const plurals = plural ? pluralOf(name) : name;
  return camelCase(plurals !== name && siblings.has(plurals) ? name : plurals);
}

/** English plural; words that end in a plural s stay as they are. */
function pluralOf(word: string): string {
  if (/(ss|us|x|ch|sh)$/.test(word)) return `${word}es`;
  if (/s$/.test(word)) return word;
  if (/[^aeiou]y$/.test(word)) return word.replace(/y$/, "ies");
  return /(^|_)(data|metadata|information)$/.test(word) ? word : `${word}s`;
}
