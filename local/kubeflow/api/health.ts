import type { FastifyInstance } from "fastify";

/** Version of Kubeflow Pipelines whose API this is. */
const TAG_NAME = "2.17.0";

const HEALTH = {
  multi_user: false,
  pipeline_store: "kubernetes",
  commit_sha: "compact",
  tag_name: TAG_NAME,
};

/** What clients and probes ask first. */
export function healthRoutes(app: FastifyInstance): void {
  for (const version of ["v2beta1", "v1beta1"]) app.get(`/apis/${version}/healthz`, () => HEALTH);
}
