import type { TaskTree } from "./task-tree";

/** A task with its place, in pixels from the top left corner of the graph that it stands in. */
interface Box {
  readonly task: TaskTree;
  readonly width: number;
  readonly height: number;
  readonly inner?: Drawing;
  x: number;
  y: number;
}

interface Drawing {
  readonly boxes: readonly Box[];
  readonly width: number;
  readonly height: number;
}

const CHARACTER = 7.2;
const LINE = 16;
const PADDING = 12;
const GAP = { across: 24, down: 40 };
const ARROW =
  '<defs><marker id="arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path d="M0 0 8 4 0 8Z" fill="#57606a"/></marker></defs>';

/** The graph as an SVG: time runs down, what stands in a frame belongs together. */
export function picture(title: string, tasks: readonly TaskTree[]): string {
  const drawing = draw(tasks);
  const width = Math.max(drawing.width, title.length * CHARACTER * 1.2) + 2 * PADDING;
  const height = drawing.height + 3 * PADDING + LINE;
  const lines = [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${round(width)}" height="${round(height)}" font-family="monospace" font-size="12">`,
    `<title>${escaped(title)}</title>`,
    ARROW,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text x="${PADDING}" y="${PADDING + LINE - 4}" font-weight="bold">${escaped(title)}</text>`,
    ...shapes(drawing, PADDING, 2 * PADDING + LINE),
    "</svg>",
  ];
  return `${lines.join("\n")}\n`;
}

/** What a task waits for, without what those wait for anyway: such lines would cross the boxes between. */
export function direct({ waitsFor }: TaskTree, tasks: readonly TaskTree[]): string[] {
  const byName = new Map(tasks.map((task) => [task.name, task]));
  const implied = new Set<string>();
  const visit = (name: string): void => {
    for (const earlier of byName.get(name)?.waitsFor ?? []) {
      if (implied.has(earlier)) continue;
      implied.add(earlier);
      visit(earlier);
    }
  };
  waitsFor.forEach(visit);
  return waitsFor.filter((name) => !implied.has(name));
}

/** Tasks in layers: each below the last that it waits for, each layer in the middle. */
function draw(tasks: readonly TaskTree[]): Drawing {
  const layerOf = new Map<string, number>();
  const layers: Box[][] = [];
  for (const task of tasks) {
    const layer = Math.max(-1, ...task.waitsFor.map((other) => layerOf.get(other) ?? -1)) + 1;
    layerOf.set(task.name, layer);
    (layers[layer] ??= []).push(boxOf(task));
  }
  const widthOf = (layer: readonly Box[]) =>
    layer.reduce((sum, { width }) => sum + width, 0) + GAP.across * (layer.length - 1);
  const width = Math.max(0, ...layers.map(widthOf));
  let y = 0;
  for (const layer of layers) {
    let x = (width - widthOf(layer)) / 2;
    for (const box of layer) {
      [box.x, box.y] = [x, y];
      x += box.width + GAP.across;
    }
    y += Math.max(...layer.map(({ height }) => height)) + GAP.down;
  }
  return { boxes: layers.flat(), width, height: Math.max(0, y - GAP.down) };
}

function boxOf(task: TaskTree): Box {
  const inner = task.below && draw(task.below);
  const words = textOf(task);
  const textWidth = Math.max(...words.map(({ length }) => length)) * CHARACTER;
  const textHeight = words.length * LINE;
  return {
    task,
    width: Math.max(textWidth, inner?.width ?? 0) + 2 * PADDING,
    height: textHeight + (inner ? inner.height + PADDING : 0) + PADDING,
    ...(inner && { inner }),
    x: 0,
    y: 0,
  };
}

const textOf = ({ label, note }: TaskTree) => [label, ...(note === undefined ? [] : [note])];

function shapes({ boxes }: Drawing, left: number, top: number): string[] {
  const byName = new Map(boxes.map((box) => [box.task.name, box]));
  const edges = boxes.flatMap((to) =>
    direct(
      to.task,
      boxes.map(({ task }) => task),
    ).flatMap((name) => {
      const from = byName.get(name);
      return from ? [edge(from, to, left, top)] : [];
    }),
  );
  return [...edges, ...boxes.flatMap((box) => shape(box, left + box.x, top + box.y))];
}

function shape({ task, width, height, inner }: Box, x: number, y: number): string[] {
  const look = inner ? `fill="#f6f8fa" stroke="#8b949e" stroke-dasharray="4 3"` : `fill="#ddf4ff" stroke="#0969da"`;
  const words = textOf(task);
  return [
    `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" rx="6" ${look}/>`,
    ...words.map((line, index) => {
      const place = `x="${round(x + PADDING)}" y="${round(y + PADDING + index * LINE + 4)}"`;
      return `<text ${place}${index > 0 ? ' fill="#57606a"' : ""}>${escaped(line)}</text>`;
    }),
    ...(inner ? shapes(inner, x + (width - inner.width) / 2, y + words.length * LINE + PADDING) : []),
  ];
}

function edge(from: Box, to: Box, left: number, top: number): string {
  const [x1, y1] = [left + from.x + from.width / 2, top + from.y + from.height];
  const [x2, y2] = [left + to.x + to.width / 2, top + to.y];
  const middle = (y1 + y2) / 2;
  const path = [x1, y1, x1, middle, x2, middle, x2, y2].map(round);
  return `<path d="M${path[0]} ${path[1]} C${path.slice(2).join(" ")}" fill="none" stroke="#57606a" marker-end="url(#arrow)"/>`;
}

const round = (value: number) => Math.round(value * 10) / 10;

const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
