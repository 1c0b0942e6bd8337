/** A place in a row: a node, or where an edge passes between nodes. */
export interface Lane {
  readonly id: string;
  readonly width: number;
  /** Pixels from an origin that all rows share. */
  readonly center: number;
}

interface Edge {
  readonly from: string;
  readonly to: string;
}

/** Name of the place that an edge takes in a row that it only passes. */
export function passing(from: string, to: string): string {
  return JSON.stringify([from, to]);
}

/** Room for an edge that passes. */
const EDGE_WIDTH = 12;
/** Times that every row is put in order after its neighbours; more change little. */
const ORDER_SWEEPS = 6;
const PLACE_SWEEPS = 8;

/**
 * Rows of a layered drawing (Sugiyama's method): every node in the row below the lowest that it waits for, crossings
 * made few by putting each row in the order of its neighbours' middles, each node moved towards them.
 */
export function arrange(
  nodes: readonly { readonly id: string; readonly width: number }[],
  edges: readonly Edge[],
  gap: number,
): Lane[][] {
  const rowOf = rowsOf(nodes, edges);
  const rows: { id: string; width: number }[][] = [];
  for (const node of nodes) (rows[rowOf.get(node.id) ?? 0] ??= []).push(node);
  const above = new Map<string, string[]>();
  const below = new Map<string, string[]>();
  const connect = (upper: string, lower: string): void => {
    above.set(lower, [...(above.get(lower) ?? []), upper]);
    below.set(upper, [...(below.get(upper) ?? []), lower]);
  };
  for (const { from, to } of edges) {
    const [first, last] = [rowOf.get(from) ?? 0, rowOf.get(to) ?? 0];
    const lane = passing(from, to);
    for (let row = first + 1; row < last; row += 1) rows[row]?.push({ id: lane, width: EDGE_WIDTH });
    // A lane has one name in all rows that it passes, and so one place in each.
    const stops = last - first > 1 ? [from, lane, to] : [from, to];
    if (first < last) stops.slice(1).forEach((stop, index) => connect(stops[index] ?? from, stop));
  }
  // A cycle may leave a row without a node, and so without a place in the list.
  const filled = Array.from(rows, (row) => row ?? []);
  putInOrder(filled, above, below);
  return place(filled, above, below, gap);
}

/** Row of each node: one more than the largest among those it waits for. */
function rowsOf(nodes: readonly { readonly id: string }[], edges: readonly Edge[]): Map<string, number> {
  const producers = new Map<string, string[]>();
  for (const { from, to } of edges) producers.set(to, [...(producers.get(to) ?? []), from]);
  const rows = new Map<string, number>();
  const visiting = new Set<string>();
  const visit = (id: string): number => {
    const done = rows.get(id);
    if (done !== undefined) return done;
    if (visiting.has(id)) return 0; // a cycle: no pipeline has one, and a picture of it need not be good
    visiting.add(id);
    const row = Math.max(-1, ...(producers.get(id) ?? []).map(visit)) + 1;
    visiting.delete(id);
    rows.set(id, row);
    return row;
  };
  for (const { id } of nodes) visit(id);
  return rows;
}

type Neighbours = ReadonlyMap<string, readonly string[]>;

function putInOrder(rows: { id: string }[][], above: Neighbours, below: Neighbours): void {
  const place = new Map<string, number>();
  const remember = (row: readonly { id: string }[]): void =>
    row.forEach(({ id }, index) => place.set(id, row.length === 1 ? 0.5 : index / (row.length - 1)));
  rows.forEach(remember);
  for (let sweep = 0; sweep < ORDER_SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    for (const row of down ? rows : [...rows].reverse()) {
      const keys = new Map(
        row.map(({ id }) => [id, middle((down ? above : below).get(id), place) ?? place.get(id) ?? 0]),
      );
      row.sort((a, b) => (keys.get(a.id) ?? 0) - (keys.get(b.id) ?? 0));
      remember(row);
    }
  }
}

function place(
  rows: readonly (readonly { id: string; width: number }[])[],
  above: Neighbours,
  below: Neighbours,
  gap: number,
): Lane[][] {
  // A lane that passes several rows has a place in each; what its neighbours see is the one computed last.
  const centers = new Map<string, number>();
  const lanes = rows.map((row) =>
    spread(
      row,
      row.map(() => 0),
      gap,
    ),
  );
  const remember = (row: readonly Lane[]): void => row.forEach(({ id, center }) => centers.set(id, center));
  lanes.forEach(remember);
  for (let sweep = 0; sweep < PLACE_SWEEPS; sweep += 1) {
    const down = sweep % 2 === 0;
    const order = [...lanes.keys()];
    for (const index of down ? order : order.reverse()) {
      const row = lanes[index] ?? [];
      const wanted = row.map(({ id, center }) => middle((down ? above : below).get(id), centers) ?? center);
      lanes[index] = spread(row, wanted, gap);
      remember(lanes[index]);
    }
  }
  return lanes;
}

function middle(ids: readonly string[] | undefined, places: ReadonlyMap<string, number>): number | undefined {
  if (!ids || ids.length === 0) return undefined;
  return ids.reduce((sum, id) => sum + (places.get(id) ?? 0), 0) / ids.length;
}

/**
 * Places near the wanted ones, in the same order and without overlap: halfway between pushing all to the right and
 * pushing all to the left, which keeps every distance that both keep.
 */
function spread(row: readonly { id: string; width: number }[], wanted: readonly number[], gap: number): Lane[] {
  const distance = (index: number): number => ((row[index]?.width ?? 0) + (row[index + 1]?.width ?? 0)) / 2 + gap;
  const right = [...wanted];
  for (let index = 1; index < row.length; index += 1)
    right[index] = Math.max(right[index] ?? 0, (right[index - 1] ?? 0) + distance(index - 1));
  const left = [...wanted];
  for (let index = row.length - 2; index >= 0; index -= 1)
    left[index] = Math.min(left[index] ?? 0, (left[index + 1] ?? 0) - distance(index));
  return row.map(({ id, width }, index) => ({ id, width, center: ((right[index] ?? 0) + (left[index] ?? 0)) / 2 }));
}
