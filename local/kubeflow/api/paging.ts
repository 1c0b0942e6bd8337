import { invalid } from "./errors";
import { type Fields, parseFilter } from "./filters";

const DEFAULT_PAGE_SIZE = 20;
const LARGEST_PAGE_SIZE = 200;

/** Values of the query; missing and empty are the same. */
export interface ListQuery {
  readonly page_token?: string;
  readonly page_size?: string;
  readonly sort_by?: string;
  readonly filter?: string;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** All that match, on whatever page. */
  readonly totalSize: number;
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/** What a token says about the page before. */
interface Position {
  readonly sortBy: string;
  readonly filter: string;
  /** Sort key and id of its last item. */
  readonly value: string | number;
  readonly id: string;
}

/** One page of all items. Pages hold still while items come and go: a token names the last item, not a number. */
export function page<T>(all: Iterable<T>, query: ListQuery, fields: Fields<T>, idOf: (item: T) => string): Page<T> {
  const size = pageSize(query.page_size ?? "");
  const before = query.page_token ? readToken(query.page_token, query) : undefined;
  const sortBy = before?.sortBy ?? query.sort_by ?? "";
  const filter = before?.filter ?? query.filter ?? "";
  const { read, descending } = parseSort(sortBy, fields);
  const passes = parseFilter(filter, fields);

  const compare = (a: readonly [string | number, string], b: readonly [string | number, string]): number => {
    const order = a[0] === b[0] ? (a[1] < b[1] ? -1 : Number(a[1] > b[1])) : a[0] < b[0] ? -1 : 1;
    return descending ? -order : order;
  };
  const keyOf = (item: T) => [read(item), idOf(item)] as const;
  const matching = [...all].filter(passes).sort((a, b) => compare(keyOf(a), keyOf(b)));
  const rest = before ? matching.filter((item) => compare(keyOf(item), [before.value, before.id]) > 0) : matching;
  const items = rest.slice(0, size);
  const last = items.at(-1);
  const more = last !== undefined && rest.length > items.length;
  return {
    items,
    totalSize: matching.length,
    nextPageToken: more ? writeToken({ sortBy, filter, value: read(last), id: idOf(last) }) : undefined,
  };
}

function pageSize(given: string): number {
  const size = given === "" ? 0 : Number(given);
  if (!Number.isInteger(size)) throw invalid(`page_size "${given}" is no whole number.`);
  if (size < 0) throw invalid(`page_size ${size} is negative; leave it out for ${DEFAULT_PAGE_SIZE}.`);
  return Math.min(size || DEFAULT_PAGE_SIZE, LARGEST_PAGE_SIZE);
}

function parseSort<T>(sortBy: string, fields: Fields<T>) {
  const [key = "created_at", direction = "asc", ...rest] = sortBy.split(/\s+/).filter((word) => word !== "");
  const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (!field) throw invalid(`Nothing can be sorted by "${key}"; use one of ${Object.keys(fields).join(", ")}.`);
  if (!/^(asc|desc)$/i.test(direction) || rest.length > 0)
    throw invalid(`sort_by "${sortBy}" must be a field, and "asc" or "desc".`);
  return { read: field.read, descending: direction.toLowerCase() === "desc" };
}

function writeToken(position: Position): string {
  return Buffer.from(JSON.stringify(position)).toString("base64");
}

function readToken(token: string, { sort_by = "", filter = "" }: ListQuery): Position {
  let position: Partial<Position> | null;
  try {
    position = JSON.parse(Buffer.from(token, "base64").toString("utf8")) as Partial<Position> | null;
  } catch {
    position = null;
  }
  if (typeof position?.sortBy !== "string" || typeof position.filter !== "string" || typeof position.id !== "string")
    throw invalid(`page_token "${token}" was not made by this API.`);
  if ((sort_by !== "" && sort_by !== position.sortBy) || (filter !== "" && filter !== position.filter))
    throw invalid("sort_by and filter must be those of the first page.");
  return position as Position;
}
