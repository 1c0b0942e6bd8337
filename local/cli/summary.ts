import type { Item, Recommendations, StepReport } from "./books-service";
import type { NodeLife, PoolLife } from "./gpu-life";
import { seconds } from "./phases";
import { table } from "./table";

/** What `npm start` has to tell when everything is up. */
export interface Summary {
  readonly total: string;
  readonly addresses: readonly (readonly [name: string, address: string])[];
  readonly dataName: string;
  readonly steps: readonly StepReport[];
  readonly gpuPool: PoolLife;
  readonly gpuPoolEmpty: boolean;
  readonly recommendations: Recommendations;
}

const COMMANDS: readonly (readonly [command: string, purpose: string])[] = [
  ["npm run pulumi -- preview --diff", "what a change of the program or the configuration would do"],
  ["npm run kubectl -- get pods,nodes -A", "what runs in the cluster"],
  ["npm stop", "end everything; the next npm start goes on from here"],
];

/** The lines of the closing report. */
export function summaryLines(summary: Summary): string[] {
  return [
    "",
    ...table([["what", "where"], ...summary.addresses]),
    "",
    `Steps on ${summary.dataName}`,
    ...table(stepRows(summary.steps)),
    "",
    "One query, median and 95th percentile in milliseconds",
    ...table(queryRows(summary.steps)),
    "",
    ...gpuLines(summary.gpuPool, summary.gpuPoolEmpty),
    "",
    ...recommendationLines(summary.recommendations, summary.dataName),
    "",
    "Try next",
    ...COMMANDS.map(([command, purpose]) => `  ${command.padEnd(40)}${purpose}`),
    "",
    `The platform is up after ${summary.total}.`,
  ];
}

function stepRows(steps: readonly StepReport[]): string[][] {
  return [
    ["step", "seconds", "peak memory", "node", "device"],
    ...steps.map(({ task, seconds: duration, peakMemoryBytes, node, device }) => [
      task,
      duration.toFixed(2),
      `${Math.ceil(peakMemoryBytes / 2 ** 20)} MiB`,
      node,
      device ?? "",
    ]),
  ];
}

/** One row an item, one column a training: CPU and GPU side by side. */
function queryRows(steps: readonly StepReport[]): string[][] {
  const trainings = steps.filter(({ queries }) => queries !== undefined);
  const items = trainings[0]?.queries ?? [];
  return [
    ["item", ...trainings.map(({ task, device }) => `${task} (${device ?? "CPU"})`)],
    ...items.map((item) => [
      nameOf(item),
      ...trainings.map(({ queries }) => {
        const timing = queries?.find((query) => query.item === item.item);
        return timing ? `${milliseconds(timing.p50Seconds)} / ${milliseconds(timing.p95Seconds)}` : "";
      }),
    ]),
  ];
}

function gpuLines(pool: PoolLife, empty: boolean): string[] {
  const { nodes, sizes } = pool;
  const first = nodes[0];
  if (!first) return ["GPU pool: stayed at 0, since no step had to run again"];
  const life = [0, ...sizes.map(({ size }) => size)].join(" → ");
  const lines = nodes.map((node) => `  ${node.name}: ${startUp(node)}${removal(node, first.createdAt)}`);
  return [`GPU pool: ${life}${empty ? "" : " (not yet back at 0)"}`, ...lines];
}

function startUp({ createdAt, readyAt }: NodeLife): string {
  return readyAt === undefined ? "never became ready" : `ready ${seconds(readyAt - createdAt)} after it was asked for`;
}

function removal({ createdAt, goneAt }: NodeLife, begin: number): string {
  const asked = `, asked for at +${seconds(createdAt - begin)}`;
  return goneAt === undefined ? asked : `${asked}, gone at +${seconds(goneAt - begin)}`;
}

function recommendationLines({ item, title, recommendations }: Recommendations, dataName: string): string[] {
  const rows = recommendations.slice(0, 5).map((other) => [other.score.toFixed(4), nameOf(other)]);
  return [`Readers of ${nameOf({ item, title })} also liked (${dataName})`, ...table([["score", "title"], ...rows])];
}

function nameOf({ item, title }: Item): string {
  return title ? `${title} (${item})` : `item ${item}`;
}

function milliseconds(value: number): string {
  return (value * 1000).toFixed(3);
}
