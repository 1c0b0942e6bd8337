import type { RunMessage } from "../../../api/messages";
import type { Json, JsonObject } from "../../../model";
import { elapsed, json } from "../format";
import { valuesOf } from "../parameters";
import { checkbox, heading, link, nothing, section, stateBadge, table, time } from "../parts/common";
import { addressOf } from "../route";
import { metricsOf } from "../run-metrics";
import type { Load, Page } from "../screen";
import { isLive } from "../states";
import { type Child, h } from "../view";

/** A run with what it was made from. */
interface Side {
  readonly run: RunMessage;
  readonly spec: JsonObject;
}

/** Two runs side by side. */
export function compareScreen(page: Page, leftId: string, rightId: string): Load {
  let specs: readonly [JsonObject, JsonObject] | undefined;
  const shown = { onlyDifferences: false };
  return async () => {
    const { api } = page;
    const [left, right] = await Promise.all([api.run(leftId), api.run(rightId)]);
    specs ??= await Promise.all([api.packageOfRun(leftId), api.packageOfRun(rightId)]);
    const sides = [
      { run: left, spec: specs[0] },
      { run: right, spec: specs[1] },
    ] as const;
    const live = isLive(left.state) || isLive(right.state);
    return { title: `${left.display_name} and ${right.display_name}`, live, body: () => body(page, sides, shown) };
  };
}

function body(page: Page, sides: readonly [Side, Side], shown: { onlyDifferences: boolean }): Child[] {
  const [{ run: left }, { run: right }] = sides;
  const columns = ["", left.display_name, right.display_name];
  const both = (name: string, of: (run: RunMessage) => Child) => ({ key: name, cells: [name, of(left), of(right)] });
  const list = (of: (side: Side) => ReadonlyMap<string, Json>) => compared(of(sides[0]), of(sides[1]));
  const parameters = list(({ run, spec }) => valuesOf(spec, run.runtime_config.parameters ?? {}));
  const metrics = list(({ run }) => metricsOf(run));
  const wanted = (item: Compared) => !shown.onlyDifferences || differs(item);
  const part = (name: string, none: string, items: readonly Compared[], more: boolean) => {
    const rows = items.filter(wanted);
    if (rows.length === 0) return section(name, nothing(items.length === 0 ? none : "There is no difference."));
    return section(
      name,
      table(
        name,
        more ? [...columns, "Difference"] : columns,
        rows.map((item) => row(item, more ? difference(item) : undefined)),
      ),
    );
  };
  return [
    heading("h1", "Compare two runs"),
    table("Runs", columns, [
      both("Run", (run) => link(addressOf({ at: "run", run: run.run_id }), run.display_name)),
      both("State", ({ state }) => stateBadge(state)),
      both("Started", ({ created_at }) => time(created_at)),
      both("Duration", ({ created_at, finished_at }) => elapsed(created_at, finished_at, page.now()) ?? "–"),
    ]),
    checkbox("Only what differs", shown.onlyDifferences, (wish) => {
      shown.onlyDifferences = wish;
      page.redraw();
    }),
    part("Parameters", "Neither pipeline has parameters.", parameters, false),
    part("Metrics", "Neither recorded a metric.", metrics, true),
  ];
}

/** A name with what each of two runs has for it. */
export interface Compared {
  readonly name: string;
  readonly left: Json | undefined;
  readonly right: Json | undefined;
}

const differs = ({ left, right }: Compared): boolean => json(left ?? null) !== json(right ?? null);

function row(item: Compared, more?: string) {
  const { name, left, right } = item;
  const cell = (value: Json | undefined) => (value === undefined ? "–" : h("code", { class: "value" }, json(value)));
  const cells: Child[] = [name, cell(left), cell(right), ...(more === undefined ? [] : [more])];
  return { key: name, look: differs(item) ? "differs" : undefined, cells };
}

/** Right less left, of numbers, with its sign. */
export function difference({ left, right }: Compared): string {
  if (typeof left !== "number" || typeof right !== "number") return "–";
  const change = Number((right - left).toPrecision(6));
  return change > 0 ? `+${change}` : String(change);
}

export function compared(left: ReadonlyMap<string, Json>, right: ReadonlyMap<string, Json>): Compared[] {
  const names = [...new Set([...left.keys(), ...right.keys()])].sort();
  return names.map((name) => ({ name, left: left.get(name), right: right.get(name) }));
}
