import { arrange, type Lane, passing } from "./arrange";
import type { Graph, GraphNode } from "./graph";

/** A node where it is drawn; lengths are pixels, from the upper left corner of the whole picture. */
export interface Box {
  readonly node: GraphNode;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What is drawn in a group. */
  readonly inside?: Picture;
}

/** A line from the lower edge of a box, through the gaps between others, to the upper edge of another. */
export interface Line {
  readonly from: string;
  readonly to: string;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export const NODE_WIDTH = 264;
export const NODE_HEIGHT = 46;
/** Room for a group's name and its notes, such as a condition. */
export const GROUP_HEAD = 46;
const GROUP_WIDTH = 320;
const PADDING = 16;
const ROW_GAP = 36;
const COLUMN_GAP = 24;

/** Draws a graph from top to bottom: each task is below all it waits for. The same graph gives the same picture. */
export function layout(graph: Graph): Picture {
  return placed(measured(graph), 0, 0);
}

interface Sized {
  readonly node: GraphNode;
  readonly width: number;
  readonly height: number;
  readonly inside?: Measured;
}

interface Measured {
  readonly width: number;
  readonly height: number;
  readonly sizes: ReadonlyMap<string, Sized>;
  readonly rows: readonly (readonly Lane[])[];
  readonly edges: Graph["edges"];
}

function measured(graph: Graph): Measured {
  const sizes = new Map(graph.nodes.map((node) => [node.id, sized(node)]));
  const rows = arrange(
    graph.nodes.map(({ id }) => ({ id, width: sizes.get(id)?.width ?? 0 })),
    graph.edges,
    COLUMN_GAP,
  );
  const lanes = rows.flat();
  const left = Math.min(0, ...lanes.map(({ center, width }) => center - width / 2));
  const width = Math.max(0, ...lanes.map((lane) => lane.center + lane.width / 2)) - left;
  const shifted = rows.map((row) => row.map((lane) => ({ ...lane, center: lane.center - left })));
  const heights = shifted.map((row) => rowHeight(row, sizes));
  const height = heights.reduce((sum, row) => sum + row, 0) + ROW_GAP * Math.max(0, rows.length - 1);
  return { width, height, sizes, rows: shifted, edges: graph.edges };
}

function sized(node: GraphNode): Sized {
  if (!node.inside) return { node, width: NODE_WIDTH, height: NODE_HEIGHT };
  const inside = measured(node.inside);
  return {
    node,
    width: Math.max(GROUP_WIDTH, inside.width + 2 * PADDING),
    height: GROUP_HEAD + inside.height + PADDING,
    inside,
  };
}

const rowHeight = (row: readonly Lane[], sizes: ReadonlyMap<string, Sized>): number =>
  Math.max(0, ...row.map(({ id }) => sizes.get(id)?.height ?? 0));

function placed({ width, height, sizes, rows, edges }: Measured, left: number, top: number): Picture {
  const boxes = new Map<string, Box>();
  const spans: { top: number; bottom: number; centers: Map<string, number> }[] = [];
  let y = top;
  for (const row of rows) {
    const high = rowHeight(row, sizes);
    spans.push({ top: y, bottom: y + high, centers: new Map(row.map(({ id, center }) => [id, left + center])) });
    for (const { id, center } of row) {
      const size = sizes.get(id);
      if (size) boxes.set(id, boxAt(size, left + center - size.width / 2, y));
    }
    y += high + ROW_GAP;
  }
  const lines = edges.flatMap(({ from, to }): Line[] => {
    const [start, end] = [boxes.get(from), boxes.get(to)];
    if (!start || !end) return [];
    const between = spans.flatMap(({ top: upper, bottom, centers }) => {
      const x = centers.get(passing(from, to));
      return x === undefined
        ? []
        : [
            { x, y: upper },
            { x, y: bottom },
          ];
    });
    const first = { x: start.x + start.width / 2, y: start.y + start.height };
    const last = { x: end.x + end.width / 2, y: end.y };
    return [{ from, to, points: [first, ...between, last] }];
  });
  return { width, height, boxes: [...boxes.values()], lines };
}

function boxAt({ node, width, height, inside }: Sized, x: number, y: number): Box {
  if (!inside) return { node, x, y, width, height };
  const room = (width - inside.width) / 2;
  return { node, x, y, width, height, inside: placed(inside, x + room, y + GROUP_HEAD) };
}
