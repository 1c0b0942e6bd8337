import { strict as assert } from "node:assert";
import { readPipeline } from "../../../local/kubeflow/ir/read-pipeline";
import type { JsonObject, PipelinePackage } from "../../../local/kubeflow/model";
import { after, artifactOf, constant, fromInput, graph, outputOf, pipeline, step, task } from "../support/specs";

const one = (container: JsonObject = {}, executor: JsonObject = {}): PipelinePackage =>
  pipeline(
    graph({ go: task("go") }),
    { go: step({ container }) },
    { deploymentSpec: { executors: { "exec-go": executor } } },
  );
const tasks = (all: Record<string, JsonObject>): PipelinePackage =>
  pipeline(graph(all), { go: step({ inputs: { n: "NUMBER_INTEGER" } }), text: step({ outputs: { said: "STRING" } }) });
const withSpec = (more: JsonObject): PipelinePackage => ({ pipelineSpec: { ...one().pipelineSpec, ...more } });
const mount = (mountPath: string) => ({ pvcMount: [{ constant: "nfs", mountPath }] });

/** What is wrong, the pipeline, and how the refusal says it. */
const REFUSALS: readonly (readonly [string, PipelinePackage, RegExp])[] = [
  ["another version of the format", withSpec({ schemaVersion: "2.2.0" }), /schemaVersion/],
  ["a field that nobody knows", withSpec({ rooot: {} }), /rooot/],
  ["a name in capitals", withSpec({ pipelineInfo: { name: "Books" } }), /pipelineInfo\.name: "Books" must be/],
  ["a pipeline root elsewhere", withSpec({ defaultPipelineRoot: "gs://bucket" }), /must begin with s3:\/\//],
  ["no tasks at all", withSpec({ root: {} }), /root.* has neither a dag nor an executorLabel/],
  ["a component that is missing", tasks({ go: task("nothing") }), /"comp-nothing" is not among the components/],
  ["a dependency on nothing", tasks({ go: task("text", after("nothing")) }), /"nothing" is not a task of this graph/],
  [
    "tasks in a circle",
    tasks({ a: task("text", after("b")), b: task("text", after("a")) }),
    /"a", "b" wait for one another in a circle/,
  ],
  ["an input that is not given", tasks({ go: task("go") }), /"n"/],
  [
    "a constant of another type",
    tasks({ go: task("go", { inputs: { parameters: { n: constant("seven") } } }) }),
    /"seven" must be a whole number/,
  ],
  [
    "an input from an output that is not there",
    tasks({
      text: task("text"),
      go: task("go", { ...after("text"), inputs: { parameters: { n: outputOf("text", "sung") } } }),
    }),
    /"sung"/,
  ],
  [
    "an input of the run that is not there",
    tasks({ go: task("go", { inputs: { parameters: { n: fromInput("m") } } }) }),
    /"m"/,
  ],
  [
    "an artifact where there is none",
    tasks({ text: task("text"), go: task("go", { inputs: { artifacts: { model: artifactOf("text", "model") } } }) }),
    /"model"/,
  ],
  [
    "a condition that is no expression",
    tasks({ go: task("text", { triggerPolicy: { condition: "inputs.parameter_values[" } }) }),
    /triggerPolicy\.condition/,
  ],
  [
    "a loop over what is no list",
    pipeline(graph({ each: task("body", { parameterIterator: { itemInput: "item", items: { raw: "7" } } }) }), {
      body: graph({ go: task("go") }, { inputDefinitions: { parameters: { item: { parameterType: "STRING" } } } }),
      go: step(),
    }),
    /7 is not a list/,
  ],
  ["an image that has no such name", one({ image: "Books:1" }), /"Books:1" is not the name of an image/],
  ["an image that makes a claim", one({ image: "argostub/createpvc" }), /mount an existing claim by its name/],
  ["no command", one({ command: [], args: [] }), /needs a command or args/],
  ["a placeholder for nothing", one({ args: ["{{$.inputs.parameters['n']}}"] }), /has no input parameter "n"/],
  [
    "an unknown placeholder",
    one({ args: ["{{$.weather}}"] }),
    /\{\{\$\.weather\}\} is not one that this backend knows/,
  ],
  [
    "a request above its limit",
    one({ resources: { resourceCpuRequest: "2", resourceCpuLimit: "1500m" } }),
    /the cpu request "2" is more than the limit "1500m"/,
  ],
  ["a quantity that is none", one({ resources: { resourceMemoryLimit: "much" } }), /memory "much" is not a quantity/],
  ["a step as root", one({}, { securityContext: { runAsUser: "0" } }), /do not run as root here/],
  ["a mount over the artifacts", one({}, mount("/s3/bucket")), /covers \/s3/],
  ["a mount over the outputs", one({}, mount("/tmp")), /covers \/tmp\/kfp\/outputs/],
  [
    "a mount out of the volume",
    one({}, { pvcMount: [{ constant: "nfs", mountPath: "/x", subPath: "../y" }] }),
    /without "\.\."/,
  ],
  ["a secret without a name", one({}, { secretAsVolume: [{ mountPath: "/x" }] }), /an entry names no object/],
  ["a volume of another kind", one({}, { genericEphemeralVolume: [{}] }), /genericEphemeralVolume/],
  [
    "settings of a step that is not there",
    pipeline(graph({ go: task("go") }), { go: step() }, { deploymentSpec: { executors: { "exec-other": {} } } }),
    /exec-other.*has no container executor/,
  ],
];

describe("A pipeline is refused that has", () => {
  for (const [what, content, expected] of REFUSALS)
    it(what, () => {
      assert.throws(() => readPipeline(content), expected);
    });

  it("several faults, all of them at once", () => {
    const content = one({ image: "Books:1", resources: { resourceMemoryLimit: "much" } }, mount("/s3"));

    assert.throws(() => readPipeline(content), /(?=.*Books:1)(?=.*much)(?=.*covers \/s3)/s);
  });

  it("nothing of the kind, and then it is not", () => {
    assert.equal(readPipeline(one({}, mount("/mnt/nfs"))).name, "test");
  });
});
