import type { ArtifactMessage } from "../../../api/messages";
import type { Json, JsonObject } from "../../../model";
import { json } from "../format";
import { section, table, valuesTable } from "./common";
import type { Child } from "../view";

/** Whether an artifact's metadata are what it is about. */
export function isMetrics({ type }: ArtifactMessage): boolean {
  return type === "system.Metrics" || type.endsWith("ClassificationMetrics");
}

/** Metrics that steps recorded, each artifact by itself. */
export function metricsViews(artifacts: readonly ArtifactMessage[]): Child {
  const views = artifacts.filter(isMetrics).flatMap((artifact): Child[] => {
    const { confusionMatrix, ...others } = shownMetadata(artifact);
    const matrix = matrixOf(confusionMatrix);
    return [
      Object.keys(others).length > 0 && valuesTable(`Metrics: ${artifact.name}`, others),
      matrix &&
        table(
          `Confusion matrix: ${artifact.name}`,
          ["Actual \\ predicted", ...matrix.labels],
          matrix.rows.map((row, index) => ({ key: String(index), cells: [matrix.labels[index] ?? index, ...row] })),
        ),
    ];
  });
  return views.some((view) => view !== false && view !== undefined) && section("Metrics", ...views);
}

/** What a step wrote; names that the SDK adds for itself are left out. */
export function shownMetadata({ metadata }: ArtifactMessage): JsonObject {
  return Object.fromEntries(Object.entries(metadata).filter(([name]) => name !== "display_name"));
}

interface Matrix {
  readonly labels: readonly string[];
  readonly rows: readonly (readonly number[])[];
}

/** As the SDK writes it: `{annotationSpecs: [{displayName}], rows: [{row: [..]}]}`, possibly below `struct`. */
function matrixOf(value: Json | undefined): Matrix | undefined {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return undefined;
  const { struct, annotationSpecs, rows } = value;
  if (struct !== undefined) return matrixOf(struct);
  if (!Array.isArray(annotationSpecs) || !Array.isArray(rows)) return undefined;
  const field = (item: Json, name: string) =>
    typeof item === "object" && item !== null && !Array.isArray(item) ? item[name] : undefined;
  const numbers = rows.map((row) => field(row, "row")).map((row) => (Array.isArray(row) ? row.map(Number) : []));
  return { labels: annotationSpecs.map((spec) => json(field(spec, "displayName") ?? "")), rows: numbers };
}
