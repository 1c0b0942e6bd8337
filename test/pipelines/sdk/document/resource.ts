import { RecommenderPipeline } from "../../../../infra/recommender/recommender-pipeline";
import type { PipelinesConnection } from "../../../../infra/recommender/runs/resources";
import { compile } from "../../../../pipelines/sdk/compile";
import { essay } from "./essay";

export function deployed(connection: PipelinesConnection) {
  const counted = new RecommenderPipeline("essay", {
    pipeline: compile(essay),
    parameters: { text: "To be or not to be" },
    connection,
    timeoutMinutes: 10,
    schedule: { cron: "0 0 3 * * *" },
  });
  return counted.outputs;
}
