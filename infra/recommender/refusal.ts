import * as pulumi from "@pulumi/pulumi";
import type { RecommenderPipeline } from "./recommender-pipeline";
import type { JsonObject } from "./runs/messages";

/**
 * Warns, in each deploy and preview, as long as the last run of a pipeline has made no model that may be served: the run
 * has succeeded all the same, and what answers is the model before.
 */
export function warnOfRefusal(pipeline: RecommenderPipeline): void {
  pipeline.outputs.apply((outputs) => {
    const sentence = refusal(pipeline.versionName, outputs);
    if (sentence !== undefined) void pulumi.log.warn(sentence, pipeline);
  });
}

/** What is to be said of a run with these output parameters; undefined where its gate let the model pass. */
export function refusal(versionName: string, outputs: JsonObject | undefined): string | undefined {
  const gate = outputs?.["gate"] as { readonly passed?: boolean; readonly figure?: number } | undefined;
  if (gate?.passed !== false) return undefined;
  return (
    `The gate refused the model of ${versionName} (its figure is ${gate.figure ?? "unknown"}), so the one before is ` +
    `served: see the log of step "gate" for the reasons, and change the data, the training or the setting gate.`
  );
}
