import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";

/** Report of a step as it wrote it. */
export type StepReport = Readonly<Record<string, unknown>> & { readonly task: string; readonly startedAt: string };

interface Query {
  readonly item: string;
  readonly title: string;
  readonly p50Seconds: number;
  readonly p95Seconds: number;
}

/** Reports of the steps in the order they ran, and the query times of the trainings side by side. */
export async function training(directory: string) {
  const steps = await readReports(directory);
  return { steps, timings: timingTable(steps) };
}

async function readReports(directory: string): Promise<StepReport[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  const files = names.filter((name) => name.endsWith(".json") && !name.startsWith("."));
  const reports = await Promise.all(
    files.map(async (name) => {
      // Someone else's file in the directory is no reason to show nothing.
      const parsed = await readFile(join(directory, name), "utf8")
        .then((text) => JSON.parse(text) as unknown)
        .catch(() => undefined);
      return isReport(parsed) ? [parsed] : [];
    }),
  );
  return reports.flat().sort((a, b) => Date.parse(a.startedAt) - Date.parse(b.startedAt));
}

function isReport(value: unknown): value is StepReport {
  const { task, startedAt } = (value ?? {}) as Record<string, unknown>;
  return typeof task === "string" && typeof startedAt === "string";
}

/** One row an item, one column a training; times in seconds, empty where a training did not ask for the item. */
function timingTable(steps: readonly StepReport[]) {
  const trainings = steps.flatMap((step) => {
    const queries = step["queries"];
    return Array.isArray(queries) ? [{ step, queries: queries as Query[] }] : [];
  });
  const items = new Map(trainings.flatMap(({ queries }) => queries.map(({ item, title }) => [item, title] as const)));
  return {
    columns: trainings.map(({ step }) => ({ task: step.task, device: step["device"], node: step["node"] })),
    rows: [...items].map(([item, title]) => ({
      item,
      title,
      times: trainings.map(({ queries }) => {
        const query = queries.find((asked) => asked.item === item);
        return query ? { p50Seconds: query.p50Seconds, p95Seconds: query.p95Seconds } : null;
      }),
    })),
  };
}
