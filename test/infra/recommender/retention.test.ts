import assert from "node:assert/strict";
import type { RetentionInputs } from "../../../infra/recommender/runs/inputs";
import type { RunMessage, VersionMessage } from "../../../infra/recommender/runs/messages";
import { operations } from "../../../infra/recommender/runs/operations";
import { surplus } from "../../../infra/recommender/runs/retention";
import { FakePipelines } from "./support/fake-pipelines";

const at = (minute: number) => `2026-11-21T08:${String(minute).padStart(2, "0")}:00Z`;
const version = (number: number): VersionMessage => ({ pipeline_version_id: `v${number}`, created_at: at(number) });
/** A run in the archive of the version of the same number. */
const run = (number: number, more: Partial<RunMessage> = {}): RunMessage => ({
  run_id: `r${number}`,
  state: "SUCCEEDED",
  storage_state: "ARCHIVED",
  created_at: at(number),
  pipeline_version_reference: { pipeline_version_id: `v${number}` },
  ...more,
});
const keep = (more: Partial<RetentionInputs> = {}) =>
  ({ versionId: "v6", runId: "r6", versions: 3, runs: 4, ...more }) as RetentionInputs;
const six = [1, 2, 3, 4, 5, 6];
const history = { runs: six.map((number) => run(number)), recurringRuns: [], versions: six.map(version) };

describe("Retention of versions and runs", () => {
  it("keeps the newest of each", () => {
    assert.deepEqual(surplus(history, keep()), { runIds: ["r2", "r1"], versionIds: ["v3", "v2", "v1"] });
  });

  it("keeps the stack's own version and run, however old they are", () => {
    const back = keep({ versionId: "v1", runId: "r1" });

    assert.deepEqual(surplus(history, back), { runIds: ["r3", "r2"], versionIds: ["v3", "v2"] });
  });

  it("keeps versions that schedules and runs outside the archive refer to", () => {
    const recurring = { recurring_run_id: "s", pipeline_version_reference: { pipeline_version_id: "v1" } };
    const runs = history.runs.map((each) => (each.run_id === "r3" ? run(3, { storage_state: "AVAILABLE" }) : each));

    assert.deepEqual(surplus({ ...history, runs, recurringRuns: [recurring] }, keep()).versionIds, ["v2"]);
  });

  it("touches no run that is at work", () => {
    const runs = history.runs.map((each) =>
      each.run_id === "r1" ? run(1, { state: "RUNNING", storage_state: "AVAILABLE" }) : each,
    );

    assert.deepEqual(surplus({ ...history, runs }, keep()), { runIds: ["r2"], versionIds: ["v3", "v2"] });
  });

  it("removes nothing where there is less than is kept", () => {
    assert.deepEqual(surplus(history, keep({ versions: 10, runs: 10 })), { runIds: [], versionIds: [] });
  });

  it("removes over the API, page by page", async () => {
    const fake = await FakePipelines.start();
    try {
      fake.versions = history.versions.slice();
      fake.runs.push(...history.runs.map((each) => ({ ...each, experiment_id: "books" })));
      const place = { kubeconfig: fake.kubeconfig(), clusterId: "c", namespace: "n", service: "s", port: 1 };

      await operations["retention"]!.create({ ...keep(), ...place, experimentId: "books", pipelineId: "books" });

      assert.deepEqual(fake.runs.map(({ run_id }) => run_id).sort(), ["r3", "r4", "r5", "r6"]);
      assert.deepEqual(
        fake.versions.map(({ pipeline_version_id }) => pipeline_version_id),
        ["v4", "v5", "v6"],
      );
    } finally {
      await fake.stop();
    }
  });
});
