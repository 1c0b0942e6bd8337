/** A copy of a record without some of its fields: what is kept for ourselves is not shown. */
export function without<T extends object, K extends keyof T>(record: T, ...fields: readonly K[]): Omit<T, K> {
  const hidden = new Set<PropertyKey>(fields);
  return Object.fromEntries(Object.entries(record).filter(([name]) => !hidden.has(name))) as Omit<T, K>;
}
