import { type Child, h, type View } from "../view";

/**
 * Markdown as steps write it: headings, paragraphs, lists, tables, code, emphasis. Whatever else there is, links and
 * HTML included, stays the text that it is.
 */
export function markdown(source: string): View[] {
  const lines = source.replaceAll("\r\n", "\n").split("\n");
  const views: View[] = [];
  while (lines.length > 0) {
    const line = lines[0] ?? "";
    if (line.trim() === "") lines.shift();
    else if (/^```/.test(line)) views.push(code(lines));
    else if (HEADING.test(line)) views.push(title(lines));
    else if (ITEM.test(line)) views.push(items(lines));
    else if (line.includes("|") && isRule(lines[1] ?? "")) views.push(grid(lines));
    else views.push(paragraph(lines));
  }
  return views;
}

const HEADING = /^(#{1,6})\s+(.*)$/;
const ITEM = /^\s*(?:[-*+]|(\d+)[.)])\s+(.*)$/;

/** The first lines for which it holds, taken away. */
function take(lines: string[], holds: (line: string, index: number) => boolean): string[] {
  const end = lines.findIndex((line, index) => !holds(line, index));
  return lines.splice(0, end < 0 ? lines.length : end);
}

/** The line below the head of a table. */
function isRule(line: string): boolean {
  return line.includes("|") && cellsOf(line).every((cell) => /^:?-+:?$/.test(cell));
}

function code(lines: string[]): View {
  lines.shift();
  const text = take(lines, (line) => !/^```/.test(line)).join("\n");
  lines.shift();
  return h("pre", { tabindex: 0, "aria-label": "Code" }, text);
}

function title(lines: string[]): View {
  const [, marks = "", text = ""] = HEADING.exec(lines.shift() ?? "") ?? [];
  // It stands below a heading of the page's third level.
  return h(`h${Math.min(6, marks.length + 3)}`, {}, inline(text));
}

function items(lines: string[]): View {
  const all = take(lines, (line) => ITEM.test(line)).map((line) => ITEM.exec(line) ?? []);
  const entries = all.map(([, , text = ""]) => h("li", {}, inline(text)));
  return h(all[0]?.[1] === undefined ? "ul" : "ol", {}, entries);
}

function grid(lines: string[]): View {
  const [head = [], , ...rows] = take(lines, (line) => line.includes("|")).map(cellsOf);
  const row = (cells: readonly string[], tag: "td" | "th") =>
    h(
      "tr",
      {},
      head.map((_, index) => h(tag, tag === "th" ? { scope: "col" } : {}, inline(cells[index] ?? ""))),
    );
  return h(
    "div",
    { class: "scroll", tabindex: 0, role: "region", "aria-label": "Table" },
    h(
      "table",
      {},
      h("thead", {}, row(head, "th")),
      h(
        "tbody",
        {},
        rows.map((cells) => row(cells, "td")),
      ),
    ),
  );
}

function cellsOf(line: string): string[] {
  const inner = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inner.split(/(?<!\\)\|/).map((cell) => cell.trim().replaceAll("\\|", "|"));
}

function paragraph(lines: string[]): View {
  const first = lines.shift() ?? "";
  const more = take(lines, (line) => line.trim() !== "" && !/^```/.test(line) && !HEADING.test(line));
  return h("p", {}, inline([first, ...more].join("\n")));
}

/** Code, strong words, emphasis; one within another is not looked for. */
function inline(text: string): Child[] {
  const parts = text.split(/(`[^`]+`|\*\*[^*]+\*\*|(?<![\w*])[*_][^*_]+[*_](?![\w*]))/).filter((part) => part !== "");
  return parts.map((part) => {
    if (/^`.+`$/s.test(part)) return h("code", {}, part.slice(1, -1));
    if (/^\*\*.+\*\*$/s.test(part)) return h("strong", {}, part.slice(2, -2));
    return /^([*_]).+\1$/s.test(part) ? h("em", {}, part.slice(1, -1)) : part;
  });
}
