import type { Call } from "./call";

const LARGEST_PAGE = 100;

/** One page of a listing as `{<key>: [...], total_count}`: pages count from 1, 20 items unless asked otherwise. */
export function page<T>(call: Call, key: string, items: readonly T[]): Record<string, unknown> {
  const number = positive(call.query.get("page"), 1);
  const size = Math.min(positive(call.query.get("page_size"), 20), LARGEST_PAGE);
  return { [key]: items.slice((number - 1) * size, number * size), total_count: items.length };
}

function positive(text: string | null, fallback: number): number {
  const value = Number(text);
  return Number.isInteger(value) && value > 0 ? value : fallback;
}

/** Filters a listing by query parameters; an absent, empty or `unknown…` value filters nothing. */
export function matching<T>(call: Call, items: readonly T[], filters: Record<string, (item: T) => unknown>): T[] {
  return items.filter((item) =>
    Object.entries(filters).every(([name, read]) => {
      const wanted = call.query.get(name);
      return wanted === null || wanted === "" || wanted.startsWith("unknown") || read(item) === wanted;
    }),
  );
}
