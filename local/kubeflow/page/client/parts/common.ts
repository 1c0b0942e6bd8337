import type { PipelineMessage, RunMessage, StateMessage } from "../../../api/messages";
import type { Json, JsonObject, RuntimeState } from "../../../model";
import { json, known, localTime, shortened, sortedEntries } from "../format";
import { addressOf } from "../route";
import { wordOf } from "../states";
import { type Child, h, listening, type View } from "../view";

/** The heading that takes the focus when its place is opened. */
export function heading(level: "h1" | "h2", ...children: Child[]): View {
  return h(level, { tabindex: -1, key: "heading", class: "heading" }, ...children);
}

export function link(address: string, ...children: Child[]): View {
  return h("a", { href: address }, ...children);
}

/** The pipeline that a run, or a recurring one, refers to. */
export function pipelineLink(
  { pipeline_version_reference: reference }: Pick<RunMessage, "pipeline_version_reference">,
  pipelines: readonly PipelineMessage[],
): Child {
  if (!reference) return "–";
  const { pipeline_id: pipeline, pipeline_version_id: version } = reference;
  const name = pipelines.find(({ pipeline_id }) => pipeline_id === pipeline)?.display_name;
  // A pipeline that was deleted has no place to lead to.
  return name === undefined ? "deleted" : link(addressOf({ at: "pipeline", pipeline, version }), name);
}

export function button(
  label: string,
  press: () => void,
  attributes: Readonly<Record<string, string | boolean>> = {},
): View {
  return listening(h("button", { type: "button", key: `button-${label}`, ...attributes }, label), { click: press });
}

export function checkbox(label: string, checked: boolean, change: (checked: boolean) => void): View {
  return h(
    "label",
    { class: "check", key: `check-${label}` },
    listening(h("input", { type: "checkbox", checked }), {
      change: (event) => change((event.target as EventTarget & { readonly checked: boolean }).checked),
    }),
    label,
  );
}

/** State with its sign; `cached` is said beside it. */
export function stateBadge(state: RuntimeState | undefined, cached = false): View {
  const { label, sign, look } = wordOf(state);
  return h(
    "span",
    { class: "badges" },
    h("span", { class: `badge ${look}` }, h("span", { "aria-hidden": "true" }, `${sign} `), label),
    cached && h("span", { class: "badge quiet" }, "Cached"),
  );
}

export function time(value: string | undefined): Child {
  const moment = known(value);
  return moment === undefined ? "–" : h("time", { datetime: moment, title: moment }, localTime(moment));
}

/** Names with what belongs to them; those without are left out. */
export function facts(entries: readonly (readonly [string, Child])[]): View {
  const given = entries.filter(([, value]) => value !== undefined && value !== false);
  return h(
    "dl",
    { class: "facts", key: "facts" },
    given.map(([name, value]) => h("div", { key: name }, h("dt", {}, name), h("dd", {}, value))),
  );
}

/** A table with a heading per column; the first cell of a row names it. */
export function table(
  caption: string,
  columns: readonly string[],
  rows: readonly { readonly key: string; readonly cells: readonly Child[]; readonly look?: string }[],
): View {
  return h(
    "div",
    // What is wider than the window is scrolled, also without a mouse.
    {
      class: columns.length > 2 ? "scroll" : "scroll narrow",
      key: `table-${caption}`,
      tabindex: 0,
      role: "region",
      "aria-label": caption,
    },
    h(
      "table",
      {},
      h("caption", { class: "hidden" }, caption),
      h(
        "thead",
        {},
        h(
          "tr",
          {},
          columns.map((column) => h("th", { scope: "col" }, column)),
        ),
      ),
      h(
        "tbody",
        {},
        rows.map(({ key, cells: [first, ...others], look }) =>
          h(
            "tr",
            { key, class: look },
            h("th", { scope: "row" }, first),
            others.map((cell) => h("td", {}, cell)),
          ),
        ),
      ),
    ),
  );
}

export function valuesTable(caption: string, values: JsonObject): View {
  const rows = sortedEntries(values).map(([name, value]) => ({ key: name, cells: [name, valueView(value)] }));
  return table(caption, ["Name", "Value"], rows);
}

/** Texts and numbers in the line, what has more lines as a block. */
export function valueView(value: Json): View {
  const text = json(value);
  return text.includes("\n") || text.length > 120
    ? h("pre", { class: "value", tabindex: 0, "aria-label": "Value" }, text)
    : h("code", { class: "value" }, text);
}

export function section(name: string, ...children: Child[]): View {
  return h("section", { key: `section-${name}`, "aria-label": name }, h("h3", {}, name), ...children);
}

export function failureBox(message: string | undefined): Child {
  return (
    message !== undefined && h("pre", { class: "failure", key: "failure", tabindex: 0, "aria-label": "Error" }, message)
  );
}

/** Of an error, which stands in full above. */
const HISTORY_LETTERS = 120;

export function history(changes: readonly StateMessage[]): View {
  return h(
    "ol",
    { class: "history" },
    changes.map(({ update_time, state, error }, index) =>
      h(
        "li",
        { key: String(index) },
        time(update_time),
        " ",
        stateBadge(state),
        error && ` ${shortened(error.message, HISTORY_LETTERS)}`,
      ),
    ),
  );
}

export function nothing(text: string): View {
  return h("p", { class: "nothing", key: "nothing" }, text);
}
