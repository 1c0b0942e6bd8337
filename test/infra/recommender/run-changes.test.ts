import assert from "node:assert/strict";
import { providerOf } from "../../../infra/recommender/runs/provider";

const provider = providerOf("run", {
  replace: ["versionId", "cron"],
  ignore: ["kubeconfig"],
  deleteBeforeReplace: true,
});
const diff = (olds: object, news: object) => provider.diff!("id", { runId: "r", ...olds }, news);

describe("Changes of a dynamic resource", () => {
  it("replaces it for what makes it what it is", async () => {
    const { changes, replaces, deleteBeforeReplace } = await diff({ versionId: "a" }, { versionId: "b" });

    assert.deepEqual(
      { changes, replaces, deleteBeforeReplace },
      { changes: true, replaces: ["versionId"], deleteBeforeReplace: true },
    );
  });

  it("replaces it for an input that is no longer given", async () => {
    assert.deepEqual((await diff({ cron: "@daily" }, {})).replaces, ["cron"]);
  });

  it("changes it in place for anything else, its provider included", async () => {
    const { changes, replaces } = await diff({ __provider: "a" }, { __provider: "b" });

    assert.deepEqual({ changes, replaces }, { changes: true, replaces: [] });
  });

  it("sees no change in a renewed kubeconfig, in outputs, and in the order of fields", async () => {
    const { changes } = await diff(
      { kubeconfig: "old", parameters: { a: 1, b: [{ c: 2, d: 3 }] } },
      { kubeconfig: "new", parameters: { b: [{ d: 3, c: 2 }], a: 1 } },
    );

    assert.equal(changes, false);
  });
});
