import { strict as assert } from "node:assert";
import fc from "fast-check";
import type { Graph, GraphNode } from "../../../local/kubeflow/page/client/graph/graph";
import { type Box, layout, type Picture } from "../../../local/kubeflow/page/client/graph/layout";

const step = (id: string): GraphNode => ({ id, label: id, cached: false, notes: [] });
const group = (id: string, inside: Graph): GraphNode => ({ ...step(id), inside });
const graph = (nodes: GraphNode[], ...edges: [from: string, to: string][]): Graph => ({
  nodes,
  edges: edges.map(([from, to]) => ({ from, to })),
});
const steps = (...ids: string[]): GraphNode[] => ids.map(step);

/** Any graph without cycles: edges go from an earlier node to a later one. Some nodes are groups. */
function anyGraph(depth: number, prefix = ""): fc.Arbitrary<Graph> {
  return fc.integer({ min: 1, max: 9 }).chain((count) => {
    const place = fc.nat({ max: count - 1 });
    const edges = fc.array(fc.tuple(place, place), { maxLength: 2 * count });
    const nodes = Array.from({ length: count }, (_, index): fc.Arbitrary<GraphNode> => {
      const id = `${prefix}/${index}`;
      if (depth === 0) return fc.constant(step(id));
      return fc.oneof(
        fc.constant(step(id)),
        anyGraph(depth - 1, id).map((inside) => group(id, inside)),
      );
    });
    return fc.record({ nodes: fc.tuple(...nodes), edges }).map((made) => ({
      nodes: made.nodes,
      edges: made.edges
        .filter(([from, to]) => from < to)
        .map(([from, to]) => ({ from: `${prefix}/${from}`, to: `${prefix}/${to}` })),
    }));
  });
}

const boxOf = ({ boxes }: Picture, id: string): Box => {
  const box = boxes.find(({ node }) => node.id === id);
  assert.ok(box, `${id} is not drawn`);
  return box;
};

function overlap(a: Box, b: Box): boolean {
  return a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

/** A picture and those in its groups, each with the graph it shows. */
function levels(shown: Graph, picture: Picture): [Graph, Picture, Box?][] {
  const below = picture.boxes.flatMap((box): [Graph, Picture, Box?][] =>
    box.node.inside && box.inside
      ? levels(box.node.inside, box.inside).map(([graph, inside, around]) => [graph, inside, around ?? box])
      : [],
  );
  return [[shown, picture], ...below];
}

describe("The drawing of a graph", () => {
  it("draws every step once, without overlap, in its group", () => {
    fc.assert(
      fc.property(anyGraph(2), (shown) => {
        for (const [graph, picture, around] of levels(shown, layout(shown))) {
          const { boxes } = picture;
          assert.deepEqual(boxes.map(({ node }) => node.id).sort(), graph.nodes.map(({ id }) => id).sort());
          boxes.forEach((box, index) =>
            boxes
              .slice(index + 1)
              .forEach((other) => assert.ok(!overlap(box, other), `${box.node.id} ${other.node.id}`)),
          );
          if (!around) continue;
          for (const { x, y, width, height } of boxes) {
            assert.ok(x >= around.x && x + width <= around.x + around.width + 0.01);
            assert.ok(y >= around.y && y + height <= around.y + around.height + 0.01);
          }
        }
      }),
    );
  });

  it("puts every step below all that it waits for, and joins them", () => {
    fc.assert(
      fc.property(anyGraph(1), (shown) => {
        for (const [graph, picture] of levels(shown, layout(shown))) {
          for (const { from, to } of graph.edges) {
            const [upper, lower] = [boxOf(picture, from), boxOf(picture, to)];
            assert.ok(upper.y + upper.height < lower.y);
            const line = picture.lines.find((each) => each.from === from && each.to === to);
            assert.equal(line?.points[0]?.y, upper.y + upper.height);
            assert.equal(line?.points.at(-1)?.y, lower.y);
          }
        }
      }),
    );
  });

  it("leads lines past the steps between", () => {
    fc.assert(
      fc.property(anyGraph(0), (shown) => {
        const picture = layout(shown);
        for (const { points } of picture.lines)
          for (const { x, y } of points.slice(1, -1))
            for (const box of picture.boxes) {
              const inRow = y >= box.y && y <= box.y + box.height;
              assert.ok(!(inRow && x > box.x && x < box.x + box.width), `a line runs through ${box.node.id}`);
            }
      }),
    );
  });

  it("stays within its size, and is the same each time", () => {
    fc.assert(
      fc.property(anyGraph(2), (shown) => {
        const picture = layout(shown);
        for (const { x, y, width, height } of picture.boxes) {
          assert.ok(x >= -0.01 && y >= 0);
          assert.ok(x + width <= picture.width + 0.01 && y + height <= picture.height + 0.01);
        }
        assert.deepEqual(layout(shown), picture);
      }),
    );
  });

  it("puts a step in the middle above two that wait for it", () => {
    const picture = layout(graph(steps("a", "b", "c"), ["a", "b"], ["a", "c"]));

    const middle = (id: string) => boxOf(picture, id).x + boxOf(picture, id).width / 2;
    assert.ok(Math.abs(middle("a") - (middle("b") + middle("c")) / 2) < 1);
  });

  it("does not cross two chains", () => {
    const picture = layout(graph(steps("a", "b", "d", "c"), ["a", "c"], ["b", "d"]));

    assert.equal(boxOf(picture, "a").x < boxOf(picture, "b").x, boxOf(picture, "c").x < boxOf(picture, "d").x);
  });

  it("draws a thousand steps", () => {
    const many = Array.from({ length: 1000 }, (_, index) => `s${index}`);
    const chains = many.slice(10).map((id, index): [string, string] => [many[index] ?? "", id]);

    assert.equal(layout(graph(steps(...many), ...chains)).boxes.length, 1000);
  });

  it("draws an empty graph, and one that turns in a circle", () => {
    assert.deepEqual(layout(graph([])).boxes, []);
    assert.equal(layout(graph(steps("a", "b"), ["a", "b"], ["b", "a"])).boxes.length, 2);
  });
});
