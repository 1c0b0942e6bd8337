import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { compile } from "../../../pipelines/sdk/compile";
import { fetchComponent, loadComponent } from "../../../pipelines/sdk/component-file";
import { pipeline } from "../../../pipelines/sdk/pipeline";
import { dataset, integer, string } from "../../../pipelines/sdk/types";
import { fromFiles, INGEST, INGEST_CONTRACT } from "./samples/from-files";

describe("Component files", () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "component-files-"));
  });
  after(() => rmSync(folder, { recursive: true }));

  it("run as Kubeflow runs them: parameters in place, artifacts by path, joined words as one, optional words", () => {
    const { executors } = compile(fromFiles).pipelineSpec["deploymentSpec"] as { executors: Executors };

    assert.deepEqual(executors["exec-data-ingestion"]?.container.args, [
      "--output_path",
      "{{$.outputs.artifacts['data'].path}}",
      "--rows",
      "{{$.outputs.parameters['rows'].output_file}}",
      "--url={{$.inputs.parameters['url']}}",
      "{{$.inputs.parameters['label_column']}}",
      '{"IfPresent":{"InputName":"limit","Then":["--limit","{{$.inputs.parameters[\'limit\']}}"],"Else":["--all"]}}',
    ]);
    assert.deepEqual(executors["exec-data-ingestion"]?.container.env, [{ name: "LEVEL", value: "3" }]);
    assert.deepEqual(executors["exec-summary"]?.container.args, [
      "{{$.outputs.parameters['text'].output_file}}",
      "{{$.inputs.artifacts['data'].path}}",
      '{"IfPresent":{"InputName":"prefix","Then":["--prefix","{{$.inputs.parameters[\'prefix\']}}"]}}',
    ]);
  });

  it("give their defaults to steps that leave an input out", () => {
    const { root } = compile(fromFiles).pipelineSpec as unknown as { root: Root };

    const { parameters } = root.dag.tasks["data-ingestion"]?.inputs ?? {};
    assert.deepEqual(parameters?.["label_column"], { runtimeValue: { constant: "variety" } });
    assert.equal(parameters?.["limit"], undefined);
  });

  const faults: Readonly<Record<string, { change: (file: V1) => unknown; expected: RegExp }>> = {
    "an unknown key": {
      change: (file) => ({ ...file, implementations: {} }),
      expected: /Unrecognized key: "implementations"/,
    },
    "an unknown key of an input": {
      change: (file) => ({ ...file, inputs: [{ name: "url", kind: "String" }] }),
      expected: /Unrecognized key: "kind"[\s\S]*inputs\[0\]/,
    },
    "an image that is missing": {
      change: (file) => ({ ...file, implementation: { container: { command: ["x"] } } }),
      expected: /implementation\.container\.image/,
    },
    "a placeholder of an input that is not declared": {
      change: (file) => change(file, ["--x", { inputValue: "adress" }]),
      expected: /inputValue names "adress", which is not among its inputs/,
    },
    "a file of a parameter": {
      change: (file) => change(file, [{ inputPath: "url" }]),
      expected: /inputPath names "url", which is a parameter\. Use inputValue, or declare an artifact's type/,
    },
    "a condition inside another placeholder": {
      change: (file) => change(file, [{ concat: ["a", { if: { cond: { isPresent: "limit" }, then: "b" } }] }]),
      expected: /an `if` stands inside another placeholder/,
    },
    "a default of another type": {
      change: (file) => ({ ...file, inputs: [{ name: "url", type: "Integer", default: "ten" }] }),
      expected: /default "ten" of input "url" is not NUMBER_INTEGER/,
    },
    "an input that the program does not know": {
      change: (file) => ({ ...file, inputs: [...file.inputs, { name: "token", type: "String" }] }),
      expected: /it has input "token", which the program does not know/,
    },
    "an output of another type": {
      change: (file) => ({ ...file, outputs: [{ name: "data", type: "Model" }, file.outputs[1]] }),
      expected: /output "data" is system\.Model, and the program takes it for system\.Dataset/,
    },
  };
  for (const [name, { change, expected }] of Object.entries(faults)) {
    it(`are refused for ${name}, before anything runs`, () => {
      const path = join(folder, "faulty.yaml");
      writeFileSync(path, stringify(change(parse(readFileSync(INGEST, "utf8")) as V1)));

      assert.throws(() => loadComponent(path, INGEST_CONTRACT), expected);
    });
  }

  it("of many steps are refused as pipelines, and those of the second form just as strictly", () => {
    const path = join(folder, "second.yaml");
    const contract = { inputs: {}, outputs: {} };
    const { yaml } = compile(fromFiles);
    writeFileSync(path, yaml);
    assert.throws(() => loadComponent(path, contract), /it has 2 steps, so it is a pipeline/);

    writeFileSync(path, yaml.replace("image: ", "picture: "));
    assert.throws(() => loadComponent(path, contract), /Unrecognized key: "picture"/);
  });

  it("miss an input: the step is refused by name when the pipeline is compiled", () => {
    const ingest = loadComponent(INGEST, INGEST_CONTRACT);
    // @ts-expect-error url has no default
    const missing = pipeline("missing", () => ingest({}));

    assert.throws(() => compile(missing), /Pipeline "missing", step "data-ingestion", input "url": it is missing/);
  });

  describe("from an address", () => {
    let server: Server;
    let url: string;
    const sha256 = createHash("sha256").update(readFileSync(INGEST)).digest("hex");
    before(async () => {
      server = createServer((request, response) => {
        if (request.url === "/component.yaml") response.end(readFileSync(INGEST));
        else response.writeHead(404).end("<html>no such page</html>");
      });
      await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    });
    after(() => server.close());

    it("are the same as from a file", async () => {
      const fetched = await fetchComponent(`${url}/component.yaml`, { ...INGEST_CONTRACT, sha256 });

      assert.deepEqual(fetched.definition, loadComponent(INGEST, INGEST_CONTRACT).definition);
    });

    it("are refused with another checksum, without one, and where there is none", async () => {
      const other = { ...INGEST_CONTRACT, sha256: "0".repeat(64) };
      await assert.rejects(
        fetchComponent(`${url}/component.yaml`, other),
        new RegExp(`its SHA-256 is ${sha256}, not 0000`),
      );
      const without = { inputs: { url: string() }, outputs: { data: dataset(), rows: integer() } };
      // @ts-expect-error the checksum is required
      await assert.rejects(fetchComponent(`${url}/component.yaml`, without), /an address needs sha256/);
      await assert.rejects(fetchComponent(`${url}/moved.yaml`, { ...INGEST_CONTRACT, sha256 }), /status 404/);
    });
  });
});

interface V1 {
  readonly inputs: unknown[];
  readonly outputs: unknown[];
  readonly implementation: { readonly container: object };
}
type Executors = Record<string, { container: { args: string[]; env?: unknown } }>;
interface Root {
  readonly dag: { readonly tasks: Record<string, { inputs: { parameters: Record<string, unknown> } }> };
}

const change = (file: V1, args: unknown[]) => ({
  ...file,
  implementation: { container: { ...file.implementation.container, args } },
});
