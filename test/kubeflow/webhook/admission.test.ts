import { strict as assert } from "node:assert";
import type { PipelineVersionObject } from "../../../local/kubeflow/catalog/objects";
import { readPipeline } from "../../../local/kubeflow/ir/read-pipeline";
import { type Admission, type AdmissionRequest, mutate, validate } from "../../../local/kubeflow/webhook/admission";
import { saying } from "../support/api";
import { MemoryCatalog } from "../support/memory-catalog";

const { pipelineSpec } = saying(["echo"]);
const OTHER = { apiVersion: "v1", kind: "ConfigMap", name: "c", uid: "u" };

function version(spec: object = {}, metadata: object = {}): PipelineVersionObject {
  const made = "2026-03-01T12:00:00Z";
  return {
    metadata: { name: "books-1", namespace: "n", uid: "v", creationTimestamp: made, ...metadata },
    spec: { pipelineName: "books", pipelineSpec, ...spec },
  };
}

const request = (object: PipelineVersionObject, oldObject?: PipelineVersionObject): AdmissionRequest => ({
  uid: "asked",
  operation: oldObject ? "UPDATE" : "CREATE",
  object,
  oldObject,
});

describe("Admission of pipeline versions", () => {
  let admission: Admission;
  let pipelineId: string;

  beforeEach(async () => {
    const catalog = new MemoryCatalog(() => 0);
    pipelineId = (await catalog.createPipeline({ name: "books" })).id;
    admission = { catalog, engine: { check: readPipeline } };
  });

  it("adds labels and owner, and keeps those of others", async () => {
    const former = { apiVersion: "pipelines.kubeflow.org/v2beta1", kind: "Pipeline", name: "books", uid: "gone" };
    const metadata = { labels: { mine: "1" }, ownerReferences: [OTHER, former] };
    const { allowed, patchType, patch } = await mutate(admission, request(version({}, metadata)));

    assert.deepEqual([allowed, patchType], [true, "JSONPatch"]);
    assert.deepEqual(JSON.parse(Buffer.from(patch ?? "", "base64").toString()), [
      {
        op: "add",
        path: "/metadata/labels",
        value: {
          mine: "1",
          "pipelines.kubeflow.org/pipeline-id": pipelineId,
          "pipelines.kubeflow.org/pipeline": "books",
        },
      },
      {
        op: "add",
        path: "/metadata/ownerReferences",
        value: [OTHER, { ...former, uid: pipelineId, blockOwnerDeletion: true }],
      },
    ]);
  });

  it("refuses a version whose pipeline is not there, in both", async () => {
    for (const decide of [mutate, validate]) {
      const absent = await decide(admission, request(version({ pipelineName: "films" })));
      const unnamed = await decide(admission, request(version({ pipelineName: undefined })));

      assert.deepEqual([absent.allowed, absent.status?.code], [false, 400]);
      assert.match(absent.status?.message ?? "", /"films" doesn't map to an existing Pipeline/);
      assert.match(unnamed.status?.message ?? "", /pipelineName is missing/);
    }
  });

  it("lets a version go whose pipeline is gone already", async () => {
    const going = version({ pipelineName: "films" }, { deletionTimestamp: "2026-03-01T12:00:00Z" });

    assert.equal((await mutate(admission, request(going, version()))).allowed, true);
    assert.equal((await validate(admission, request(going, version()))).allowed, true);
  });

  it("refuses what could not run", async () => {
    const { allowed, status } = await validate(admission, request(version({ pipelineSpec: { root: {} } })));

    assert.equal(allowed, false);
    assert.match(status?.message ?? "", /failed to parse.*pipelineInfo/s);
  });

  it("lets name and tags change, and nothing else of the spec", async () => {
    const after = (spec: object) => validate(admission, request(version(spec), version()));

    assert.equal((await after({ displayName: "x", tags: { a: "1" } })).allowed, true);
    for (const [field, value] of [
      ["description", "x"],
      ["pipelineSpec", { ...pipelineSpec, sdkVersion: "x" }],
      ["platformSpec", {}],
      ["versionName", "x"],
    ] as const) {
      const { allowed, status } = await after({ [field]: value });

      assert.equal(allowed, false);
      assert.match(status?.message ?? "", new RegExp(`immutable: ${field} differs`));
    }
  });
});
