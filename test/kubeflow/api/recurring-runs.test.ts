import { strict as assert } from "node:assert";
import type { RecurringRunMessage } from "../../../local/kubeflow/api/messages";
import { saying, TestApi } from "../support/api";

const { pipelineSpec } = saying(["echo"], { text: { parameterType: "STRING", defaultValue: "" } });
const NIGHTLY = {
  display_name: "nightly",
  pipeline_spec: pipelineSpec,
  trigger: { cron_schedule: { cron: "0 0 2 * * *", start_time: "2026-03-02T00:00:00+01:00" } },
  mode: "ENABLE",
};

describe("Recurring runs of the API", () => {
  let api: TestApi;

  before(async () => {
    api = await TestApi.start();
  });
  after(() => api.stop());

  const make = (more: object) =>
    api.post<RecurringRunMessage & { message: string }>("/recurringruns", { ...NIGHTLY, ...more });

  it("are answered as the original does, with their next time", async () => {
    const { status, body } = await make({ runtime_config: { parameters: { text: "x" } }, no_catchup: true });

    const { recurring_run_id, experiment_id, ...rest } = body;
    assert.equal(status, 200);
    assert.ok(recurring_run_id && experiment_id);
    assert.deepEqual(rest, {
      display_name: "nightly",
      pipeline_spec: pipelineSpec,
      runtime_config: { parameters: { text: "x" } },
      max_concurrency: "1",
      trigger: { cron_schedule: { cron: "0 0 2 * * *", start_time: "2026-03-01T23:00:00Z" } },
      mode: "ENABLE",
      status: "ENABLED",
      no_catchup: true,
      created_at: "2026-03-01T12:00:00Z",
      updated_at: "2026-03-01T12:00:00Z",
      namespace: "recommenders",
      next_scheduled_at: "2026-03-02T02:00:00Z",
    });
    assert.deepEqual((await api.get(`/recurringruns/${recurring_run_id}`)).body, body);
  });

  it("take numbers as texts and modes as numbers, and have no next time while disabled", async () => {
    const trigger = { periodic_schedule: { interval_second: "60" } };
    const { body } = await make({ trigger, max_concurrency: "3", mode: 2 });

    assert.deepEqual(body.trigger, trigger);
    assert.deepEqual([body.max_concurrency, body.status, body.next_scheduled_at], ["3", "DISABLED", undefined]);
  });

  it("keep the pipeline without the version where none was named", async () => {
    const { id } = await api.catalog.createPipeline({ name: "books" });
    await api.catalog.createVersion(id, { name: "one", package: saying(["echo"]) });
    const { body } = await make({ pipeline_spec: undefined, pipeline_version_reference: { pipeline_id: id } });

    assert.deepEqual(body.pipeline_version_reference, { pipeline_id: id });
  });

  const refusals: readonly (readonly [string, object, RegExp])[] = [
    ["no name", { display_name: "" }, /no display_name/],
    ["no trigger", { trigger: undefined }, /has no trigger/],
    ["an empty trigger", { trigger: { cron_schedule: { cron: "" } } }, /has no trigger/],
    ["two triggers", { trigger: { cron_schedule: { cron: "@daily" }, periodic_schedule: {} } }, /two schedules/],
    ["a cron of five fields", { trigger: { cron_schedule: { cron: "0 2 * * *" } } }, /six fields/],
    ["a start that is no time", { trigger: { cron_schedule: { cron: "@daily", start_time: "noon" } } }, /"noon"/],
    ["too many at a time", { max_concurrency: 11 }, /is 11 and must be from 1 to 10/],
    ["none at a time", { max_concurrency: 0 }, /is 0 and must be/],
    ["a wrong parameter", { runtime_config: { parameters: { text: 1 } } }, /"text" is 1/],
    ["an unknown mode", { mode: "SOMETIMES" }, /mode/],
    ["an unknown field", { cron: "@daily" }, /"cron"/],
  ];
  for (const [what, more, message] of refusals)
    it(`are refused for ${what}`, async () => {
      const { status, body } = await make(more);

      assert.equal(status, 400);
      assert.match(body.message, message);
    });
});
