import { strict as assert } from "node:assert";
import { gzipSync } from "node:zlib";
import { tar } from "../../../local/kapsule/tar";
import { jsonOfPackage, packageOfJson, parsePackage, readPackageFile } from "../../../local/kubeflow/api/package-file";

const YAML = `pipelineInfo:
  name: books
root: {}
---
platforms:
  kubernetes:
    deploymentSpec: {}
`;
const BOTH = {
  pipelineSpec: { pipelineInfo: { name: "books" }, root: {} },
  platformSpec: { platforms: { kubernetes: { deploymentSpec: {} } } },
};
const entry = (path: string, content = YAML) => ({ path, content: Buffer.from(content) });

describe("Files of compiled pipelines", () => {
  it("are YAML of one document or two, or JSON", async () => {
    assert.deepEqual(await readPackageFile("books.yaml", Buffer.from(YAML)), BOTH);
    assert.deepEqual(parsePackage('{"pipelineInfo":{"name":"books"}}'), {
      pipelineSpec: { pipelineInfo: { name: "books" } },
    });
  });

  it("lose a second document that configures nothing", () => {
    assert.deepEqual(Object.keys(parsePackage("a: 1\n---\nplatforms: {}\n")), ["pipelineSpec"]);
  });

  it("may be packed, whatever their name", async () => {
    const archive = gzipSync(
      tar([entry("README.md", "no"), entry("books/pipeline.yaml"), entry("other.yaml", "b: 2")]),
    );

    assert.deepEqual(await readPackageFile("books", archive), BOTH);
  });

  const refusals: readonly (readonly [string, Buffer, RegExp])[] = [
    ["an empty one", Buffer.from(""), /"x.yaml".*empty/],
    ["one that is no YAML", Buffer.from("a: [1"), /"x.yaml" cannot be read/],
    ["a text", Buffer.from("just words"), /something else/],
    ["three documents", Buffer.from("a: 1\n---\nb: 2\n---\nc: 3"), /holds 3 documents/],
    ["an archive without YAML", gzipSync(tar([entry("README.md")])), /no .yaml file/],
    ["an archive of several", gzipSync(tar([entry("a.yaml"), entry("b.yml")])), /a.yaml, b.yml; name one/],
    ["an archive that is cut off", gzipSync(tar([entry("a.yaml")]).subarray(0, 600)), /cut off/],
    ["a zip that is none", Buffer.from("PK\x03\x04 and no more"), /"x.yaml" cannot be read/],
    ["what grows without end", gzipSync(Buffer.alloc(64 * 1024 * 1024)), /"x.yaml" cannot be read/],
  ];
  for (const [what, content, message] of refusals)
    it(`refuse ${what}`, async () => {
      await assert.rejects(readPackageFile("x.yaml", content), message);
    });
});

describe("Packages in requests and answers", () => {
  it("are the pipeline itself, or both documents under their names", () => {
    const alone = { pipelineSpec: BOTH.pipelineSpec };

    for (const content of [alone, BOTH]) assert.deepEqual(packageOfJson(jsonOfPackage(content)), content);
    assert.deepEqual(jsonOfPackage(alone), BOTH.pipelineSpec);
    assert.deepEqual(Object.keys(jsonOfPackage(BOTH)), ["pipeline_spec", "platform_spec"]);
  });

  it("are refused with anything beside", () => {
    assert.throws(() => packageOfJson({ pipeline_spec: {}, extra: 1 }), /"extra"/);
    assert.throws(() => packageOfJson({ pipeline_spec: 1 }), /not an object/);
  });
});
