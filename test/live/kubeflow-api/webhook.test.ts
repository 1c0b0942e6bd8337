import { strict as assert } from "node:assert";
import { HttpError } from "../../../local/kubernetes/http-client";
import { MERGE_PATCH } from "../../../local/kubernetes/client";
import type { PipelineObject, PipelineVersionObject } from "../../../local/kubeflow/catalog/objects";
import { graph, pipeline as compiled, step, task } from "../../kubeflow/support/specs";
import { until } from "../controllers/support/until";
import { ApiBackend, PIPELINES, VERSIONS } from "./support/api-backend";

const { pipelineSpec } = compiled(graph({ say: task("say") }), { say: step() });

describe("Pipeline versions in the cluster, as the API server admits them", () => {
  let backend: ApiBackend;
  let pipeline: PipelineObject;

  before(async () => {
    backend = await ApiBackend.start();
    pipeline = await post<PipelineObject>(PIPELINES, "Pipeline", "books", { displayName: "Books" });
  });
  after(() => backend.stop());

  const post = <T>(path: string, kind: string, name: string, spec: object) =>
    backend.plane.client.json<T>("POST", path, {
      apiVersion: "pipelines.kubeflow.org/v2beta1",
      kind,
      metadata: { name },
      spec,
    });
  const version = (name: string, spec: object) => post<PipelineVersionObject>(VERSIONS, "PipelineVersion", name, spec);
  const change = (name: string, spec: object) =>
    backend.plane.client.json<PipelineVersionObject>("PATCH", `${VERSIONS}/${name}`, { spec }, MERGE_PATCH);
  const refused = (work: Promise<unknown>, message: RegExp) =>
    assert.rejects(work, (error: unknown) => error instanceof HttpError && message.test(error.message));

  it("belong to their pipeline, which takes them along", async () => {
    const { metadata } = await version("books-1", { pipelineName: "books", pipelineSpec });

    assert.equal(metadata.labels?.["pipelines.kubeflow.org/pipeline-id"], pipeline.metadata.uid);
    assert.equal(metadata.labels?.["pipelines.kubeflow.org/pipeline"], "books");
    const { name, uid } = pipeline.metadata;
    assert.deepEqual(metadata.ownerReferences, [
      { apiVersion: "pipelines.kubeflow.org/v2beta1", kind: "Pipeline", name, uid, blockOwnerDeletion: true },
    ]);
  });

  it("are what the REST API shows, named as their object where they have no other name", async () => {
    const answer = await fetch(`${backend.url}/apis/v2beta1/pipelines/${pipeline.metadata.uid}/versions`);

    const { pipeline_versions } = (await answer.json()) as { pipeline_versions: { display_name: string }[] };
    assert.deepEqual(
      pipeline_versions.map(({ display_name }) => display_name),
      ["books-1"],
    );
  });

  it("are refused without their pipeline", async () => {
    await refused(version("films-1", { pipelineName: "films", pipelineSpec }), /pipelineName "films".*Create/);
    await refused(version("films-1", { pipelineSpec }), /pipelineName is missing/);
  });

  it("are refused where they could not run, by the field that is wrong", async () => {
    const unknown = { ...pipelineSpec, surprise: true };

    await refused(version("books-2", { pipelineName: "books", pipelineSpec: unknown }), /failed to parse.*surprise/s);
  });

  it("can be renamed and tagged, and are otherwise for ever the same", async () => {
    const changed = await change("books-1", { displayName: "First", tags: { quality: "good" } });

    assert.equal(changed.spec.displayName, "First");
    await refused(change("books-1", { description: "of books" }), /immutable: description differs.*new version/);
    await refused(change("books-1", { pipelineSpec: { sdkVersion: "other" } }), /immutable: pipelineSpec differs/);
  });

  it("go with their pipeline", async () => {
    await backend.plane.client.json("DELETE", `${PIPELINES}/books`);

    await until("the version is gone", async () => {
      const { items } = await backend.plane.client.json<{ items: unknown[] }>("GET", VERSIONS);
      return items.length === 0;
    });
  });
});
