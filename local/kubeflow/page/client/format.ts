import type { Json, JsonObject } from "../../model";

/** What the API says for a time that is not yet: the epoch, or nothing. */
export function known(time: string | undefined): string | undefined {
  return time === undefined || time.startsWith("1970-01-01T00:00:00") ? undefined : time;
}

/** Whole seconds: `0 s`, `2 min 05 s`, `3 h 07 min`, `2 d 04 h`. */
export function duration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, "0");
  if (seconds < 60) return `${seconds} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${two(seconds % 60)} s`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3600)} h ${two(Math.floor((seconds % 3600) / 60))} min`;
  return `${Math.floor(seconds / 86_400)} d ${two(Math.floor((seconds % 86_400) / 3600))} h`;
}

/** A period of whole seconds without what is nothing: `1 h`, `1 min 30 s`, `7 d`. */
export function period(seconds: number): string {
  const units = [
    [86_400, "d"],
    [3600, "h"],
    [60, "min"],
    [1, "s"],
  ] as const;
  let rest = seconds;
  const parts = units.flatMap(([size, unit]) => {
    const count = Math.floor(rest / size);
    rest -= count * size;
    return count > 0 ? [`${count} ${unit}`] : [];
  });
  return parts.join(" ") || "0 s";
}

/** From a start to an end, or to now while there is none; undefined before the start. */
export function elapsed(start: string | undefined, end: string | undefined, now: number): string | undefined {
  const [from, to] = [known(start), known(end)];
  return from === undefined ? undefined : duration((to === undefined ? now : Date.parse(to)) - Date.parse(from));
}

/** `2026-11-21 15:04:05`, in the time zone of who reads. */
export function localTime(time: string): string {
  const date = new Date(time);
  const two = (value: number) => String(value).padStart(2, "0");
  const day = [date.getFullYear(), two(date.getMonth() + 1), two(date.getDate())].join("-");
  return `${day} ${[date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(":")}`;
}

/** `0 B`, `17.0 kB`, `3.4 MB`; takes the API's 64-bit integers, which are texts. */
export function bytes(count: number | string): string {
  let value = Number(count);
  if (value < 1000) return `${value} B`;
  const units = ["kB", "MB", "GB", "TB", "PB"];
  let unit = -1;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value.toFixed(1)} ${units[unit] ?? ""}`;
}

/** Characters of JSON that stand in one line. */
const LINE = 80;

/** A parameter or a metric: texts as they are, all else as JSON. */
export function json(value: Json): string {
  if (typeof value === "string") return value;
  const line = JSON.stringify(value);
  return line.length <= LINE ? line : JSON.stringify(value, undefined, 2);
}

/** Names and values in the order of the names. */
export function sortedEntries(values: JsonObject): [string, Json][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : Number(a > b)));
}

/** Not more than so many characters; what is left out is marked. */
export function shortened(text: string, characters: number): string {
  const all = [...text];
  return all.length <= characters ? text : `${all.slice(0, characters - 1).join("")}…`;
}

/** As `shortened`, but after a whole word where there is one. */
export function shortenedByWords(text: string, characters: number): string {
  const cut = shortened(text, characters);
  if (cut === text) return text;
  const words = /^.*[\p{L}\p{N}](?![\p{L}\p{N}…])/u.exec(cut)?.[0];
  return words === undefined ? cut : `${words}…`;
}
