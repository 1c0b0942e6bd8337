import { elapsed, shortenedByWords } from "../format";
import { wordOf } from "../states";
import { type Child, h, type View } from "../view";
import type { Graph, GraphNode } from "./graph";
import { type Box, layout, type Line, type Picture } from "./layout";

export interface DrawSettings {
  /** Said to who cannot see the picture. */
  readonly label: string;
  /** Where a step leads; undefined for one that leads nowhere. */
  readonly addressOf: (node: GraphNode) => string | undefined;
  /** Id of the task that is looked at. */
  readonly current?: string;
  /** Whether steps have states; those of a pipeline that is not run have none. */
  readonly states: boolean;
}

/** Pixels of a picture that is made smaller rather than cut where there is less room; a wider one is scrolled. */
const SHRINKABLE = 1000;
/** Pixels around the picture, so that outlines are not cut. */
const MARGIN = 8;
/** Pixels of a letter, at the width of the wider ones, in a name and in the smaller note below it. */
const NAME_LETTER = 8.2;
const NOTE_LETTER = 6.9;

/** The picture of a graph as SVG; every step that leads somewhere is a link, in reading order. */
export function drawing(graph: Graph, settings: DrawSettings): View {
  const picture = layout(graph);
  const [width, height] = [Math.ceil(picture.width) + 2 * MARGIN, Math.ceil(picture.height) + 2 * MARGIN];
  const view = h(
    "svg",
    {
      class: width <= SHRINKABLE ? "graph shrinks" : "graph",
      width,
      height,
      viewBox: `${-MARGIN} ${-MARGIN} ${width} ${height}`,
      role: "group",
      "aria-label": settings.label,
    },
    level(picture, settings),
  );
  return h(
    "div",
    { class: "scroll graph-frame", key: "graph", tabindex: 0, role: "region", "aria-label": settings.label },
    view,
  );
}

function level({ boxes, lines }: Picture, settings: DrawSettings): Child[] {
  return [...lines.map(lineView), ...boxes.map((box) => boxView(box, settings))];
}

function lineView({ from, to, points }: Line): View {
  const at = ({ x, y }: { x: number; y: number }) => `${x.toFixed(1)} ${y.toFixed(1)}`;
  const [first, ...rest] = points;
  let d = first ? `M ${at(first)}` : "";
  let before = first;
  for (const point of rest) {
    const halfway = ((before?.y ?? 0) + point.y) / 2;
    d += ` C ${at({ x: before?.x ?? 0, y: halfway })}, ${at({ x: point.x, y: halfway })}, ${at(point)}`;
    before = point;
  }
  return h("path", { class: "edge", d, key: `${from} ${to}`, "aria-hidden": "true" });
}

/** How long a step took that ran and is over; a group has no room to say it. */
function took({ task, cached, inside }: GraphNode): string | undefined {
  if (!task?.end_time || cached || inside || task.state === "SKIPPED") return undefined;
  return elapsed(task.start_time, task.end_time, 0);
}

function boxView({ node, x, y, width, height, inside }: Box, settings: DrawSettings): View {
  const word = wordOf(node.state);
  const look = settings.states ? word.look : "plain";
  const address = settings.addressOf(node);
  const isCurrent = node.task !== undefined && node.task.task_id === settings.current;
  const left = settings.states ? 34 : 14;
  const duration = took(node);
  const fits = (letter: number, others = 0): number => Math.floor((width - left - 8) / letter) - others;
  const facts = [...(settings.states ? [word.label] : []), ...(node.cached ? ["cached"] : []), ...node.notes];
  const said = [node.label, ...facts, ...(inside ? ["group"] : [])].join(", ");
  const name = shortenedByWords(node.label, fits(NAME_LETTER));
  const note = shortenedByWords(facts.join(" · "), fits(NOTE_LETTER, duration === undefined ? 0 : duration.length + 2));
  const isCut = name.endsWith("…") || note.endsWith("…");
  // The blank parts the texts where they are read, or copied, as one.
  const text = (look: string, from: number, baseline: number, content: string): View =>
    h("text", { x: x + from, y: y + baseline, class: look, "aria-hidden": "true", key: look }, `${content} `);
  const face = [
    isCut && h("title", { key: "title" }, said),
    h("rect", { x, y, width, height, rx: 8, class: `box ${inside ? "group" : "step"} ${look}`, key: "box" }),
    settings.states && text(`sign ${look}`, 14, 19, word.sign),
    text("label", left, 19, name),
    text("note", left, 36, note),
  ];
  const head =
    address === undefined
      ? h("g", { role: "img", "aria-label": said, key: "head-plain" }, face)
      : h(
          "a",
          {
            href: address,
            "aria-label": said,
            "aria-current": isCurrent && "true",
            class: isCurrent ? "current" : undefined,
            key: "head",
          },
          face,
        );
  // Beside the link, whose name is not to change with the clock; the task itself says it, too.
  const time =
    duration !== undefined &&
    h("text", { x: x + width - 10, y: y + 36, class: "note took", "aria-hidden": "true", key: "took" }, `${duration} `);
  return h("g", { key: node.id }, head, time, inside && h("g", { key: "inside" }, level(inside, settings)));
}
