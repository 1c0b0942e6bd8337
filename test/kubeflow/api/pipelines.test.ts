import { strict as assert } from "node:assert";
import { stringify } from "yaml";
import type { PipelineMessage, PipelineVersionMessage } from "../../../local/kubeflow/api/messages";
import { saying, TestApi } from "../support/api";

interface UploadRefusal {
  readonly error_message: string;
  readonly error_details: string;
}

interface Refusal {
  readonly message: string;
}

const { pipelineSpec } = saying(["echo"]);
const FILE = Buffer.from(stringify(pipelineSpec));

describe("Pipelines of the API", () => {
  let api: TestApi;

  beforeEach(async () => {
    api = await TestApi.start();
  });
  afterEach(() => api.stop());

  const upload = (query: string, content = FILE) =>
    api.upload<PipelineMessage & UploadRefusal>(`/pipelines/upload?${query}`, "books.yaml", content);

  it("are uploaded with their first version, and named by their file where nobody says", async () => {
    const { status, body } = await upload('name=&description=Of+books&tags={"team":"books"}');

    assert.equal(status, 200);
    assert.deepEqual(
      { ...body, pipeline_id: "" },
      {
        pipeline_id: "",
        name: "test",
        display_name: "test",
        description: "Of books",
        created_at: "2026-03-01T12:00:00Z",
        namespace: "recommenders",
        tags: { team: "books" },
      },
    );
    const versions = `/pipelines/${body.pipeline_id}/versions`;
    const listed = await api.get<{ pipeline_versions: PipelineVersionMessage[]; total_size: number }>(versions);
    assert.deepEqual([listed.body.total_size, listed.body.pipeline_versions[0]?.name], [1, "test"]);
    assert.deepEqual(listed.body.pipeline_versions[0]?.pipeline_spec, pipelineSpec);
  });

  it("are refused at upload where they could not run, and leave nothing", async () => {
    const { status, body } = await upload(
      "name=books",
      Buffer.from(stringify({ ...pipelineSpec, schemaVersion: "9" })),
    );

    assert.equal(status, 400);
    assert.match(body.error_message, /schemaVersion/);
    assert.equal(body.error_details, body.error_message);
    assert.deepEqual((await api.get("/pipelines")).body, {});
  });

  it("leave nothing where the version is refused after the pipeline was made", async () => {
    api.catalog.createVersion = () => Promise.reject(new Error("etcd is full"));
    const { status } = await upload("name=books");

    assert.equal(status, 500);
    assert.equal(api.catalog.allPipelines.size, 0);
    assert.match(api.workshop.reports.join(), /etcd is full/);
  });

  it("are refused without a file, with other forms and with tags that are none", async () => {
    const json = await api.post<UploadRefusal>("/pipelines/upload", {});
    const tags = await upload("name=books&tags=team");
    const broken = await api.raw("POST", "/pipelines/upload", "nonsense", {
      "content-type": "multipart/form-data; boundary=x",
    });

    assert.deepEqual([json.status, tags.status, broken.statusCode], [400, 400, 400]);
    assert.match(json.body.error_message, /multipart\/form-data with one part named uploadfile/);
    assert.match(tags.body.error_message, /tags "team" must be a JSON object/);
    assert.match(broken.json<UploadRefusal>().error_message, /cannot be read/);
  });

  it("are made, changed and found without a file, too", async () => {
    const version = { pipeline_spec: pipelineSpec, name: "first" };
    const pipeline = { name: "books", display_name: "Books", tags: { a: "1" } };
    const { body: made } = await api.post<PipelineMessage>("/pipelines/create", {
      pipeline,
      pipeline_version: version,
    });
    const path = `/pipelines/${made.pipeline_id}`;
    const changed = await api.call<PipelineMessage>("PATCH", path, { display_name: "Better books" });
    const named = await api.get<PipelineMessage>("/pipelines/names/books");
    const second = await api.post<PipelineVersionMessage>(`${path}/versions`, { ...version, name: "second" });
    const tagged = { tags: { good: "yes" } };
    const versionPath = `${path}/versions/${second.body.pipeline_version_id}`;
    const retagged = await api.call<PipelineVersionMessage>("PATCH", versionPath, tagged);

    assert.deepEqual([changed.body.display_name, changed.body.tags], ["Better books", { a: "1" }]);
    assert.deepEqual(named.body, changed.body);
    assert.deepEqual(retagged.body.tags, { good: "yes" });
    assert.equal((await api.get<{ total_size: number }>(`${path}/versions`)).body.total_size, 2);
  });

  it("keep what their versions run", async () => {
    const { body: made } = await upload("name=books");
    const path = `/pipelines/${made.pipeline_id}/versions`;
    const { body } = await api.get<{ pipeline_versions: PipelineVersionMessage[] }>(path);
    const version = `${path}/${body.pipeline_versions[0]?.pipeline_version_id}`;

    const refused = await api.call<Refusal>("PATCH", version, { description: "other" });
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, /description of a version cannot change/);
  });

  it("fetch nothing that a caller names", async () => {
    const { body: made } = await upload("name=books");
    const version = { name: "two", package_url: { pipeline_url: "http://169.254.42.42/" } };

    const refused = await api.post<Refusal>(`/pipelines/${made.pipeline_id}/versions`, version);
    assert.equal(refused.status, 400);
    assert.match(refused.body.message, /package_url is not fetched/);
  });

  it("say that the cluster does not answer, which passes", async () => {
    api.catalog.away = true;
    const { status, body } = await api.get<{ code: number }>("/pipelines");

    assert.deepEqual([status, body.code], [503, 14]);
  });
});
