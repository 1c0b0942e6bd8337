import assert from "node:assert/strict";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import autocannon from "autocannon";
import { type StepReport } from "../../../local/cli/books-service";
import { placesOf } from "../../../local/instance";
import { haltDeadInstances } from "../../../local/kapsule/halt";
import { until } from "../controllers/support/until";
import { BAD_RATINGS } from "./support/bad-ratings";
import { brokenConfiguration, REFUSALS } from "./support/changed-configuration";
import { underLoad } from "./support/load";
import { TestedStack } from "./support/local-stack";
import { NfsExport } from "./support/nfs-export";
import { added, reachableListeners, type Traces, traces } from "./support/machine";
import { kill, occupy } from "./support/trouble";

const REPOSITORY_DATA = process.env["BOOKS_DATA"];
/** Scores of the ten nearest others by the plain rating cosine, published with the data; ids may tie, scores may not. */
const SORCERERS_STONE = [
  0.300265, 0.23627, 0.174146, 0.163178, 0.149748, 0.129542, 0.126089, 0.105656, 0.104682, 0.096631,
];
const ISBN = "059035342X";

describe("The platform on one machine", () => {
  const stack = new TestedStack();
  let untouched: Traces;
  let listenersBefore: string[];
  let startOutput: string;
  let url: string;
  const withBooks = REPOSITORY_DATA !== undefined;

  const get = async <T>(path: string): Promise<T> => (await (await fetch(`${url}${path}`)).json()) as T;
  const firstItem = async () =>
    withBooks ? ISBN : (await get<{ popular: { item: string }[] }>("/recommendations")).popular[0]!.item;
  const answer = async () => get<{ recommendations: unknown[] }>(`/recommendations/${await firstItem()}`);

  before(async () => {
    await haltDeadInstances(placesOf(stack.stateDir));
    untouched = traces(stack.stateDir);
    listenersBefore = reachableListeners(/^$/);
    startOutput = await stack.succeed(["start"]);
    url = await stack.output("booksUrl");
  });

  after(() => stack.remove());

  it("ends a start with what came up, the timings, recommendations and the life of the GPU pool", () => {
    for (const text of [
      "kubeconfig",
      "recommender-pytorch",
      "no GPU: CPU device",
      "also liked",
      "Try next",
      "/v2/models/iris/infer",
    ]) {
      assert.ok(startOutput.includes(text), `"${text}" is missing in:\n${startOutput}`);
    }
    assert.match(startOutput, /GPU pool: 0 → 1 .*→ 0\n/);
    assert.match(startOutput.trimEnd().split("\n").at(-1)!, /^The platform is up after [\d.]+ s\.$/);
  });

  it("runs the steps with a GPU on the GPU pool alone", async () => {
    const { steps } = await get<{ steps: StepReport[] }>("/training");
    const nodeOf = (task: string) => steps.find((step) => step.task === task)?.node ?? "";

    for (const task of ["recommender-pytorch", "recommender-scikit-gpu-node"]) assert.match(nodeOf(task), /-gpu-/);
    for (const task of ["prepare-dataset", "recommender-scikit"]) assert.match(nodeOf(task), /-cpu-/);
  });

  it("changes nothing in a second deploy", async () => {
    await stack.succeed(["pulumi", "up", "--yes", "--skip-preview", "--expect-no-changes"]);
  });

  it("previews no change, and refreshes without drift", async () => {
    await stack.succeed(["pulumi", "preview", "--refresh", "--expect-no-changes"]);
  });

  it("recommends ten others, and says what it does not know", async () => {
    const { recommendations } = await answer();

    assert.equal(recommendations.length, 10);
    assert.equal((await fetch(`${url}/recommendations/no-such-title-anywhere`)).status, 404);
  });

  it("answers the Open Inference Protocol", async () => {
    const item = await firstItem();
    const response = await fetch(`${url}/v2/models/books/infer`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ inputs: [{ name: "isbn", shape: [1], datatype: "BYTES", data: [item] }] }),
    });
    const { outputs } = (await response.json()) as { outputs: { name: string; shape: number[] }[] };

    assert.deepEqual(
      outputs.slice(0, 3).map(({ name, shape }) => [name, shape]),
      [
        ["neighbours", [1, 10]],
        ["titles", [1, 10]],
        ["scores", [1, 10]],
      ],
    );
  });

  it("finds the published neighbours, on CPU and by PyTorch", async function () {
    if (!withBooks) this.skip();
    const { steps } = await get<{
      steps: { task: string; queries?: { item: string; answers: { score: number }[] }[] }[];
    }>("/training");
    const trainings = steps.filter(({ queries }) => queries);

    assert.equal(trainings.length, 3);
    for (const { task, queries } of trainings) {
      const scores = queries!.find(({ item }) => item === ISBN)!.answers.map(({ score }) => score);
      const furthest = Math.max(...SORCERERS_STONE.map((expected, index) => Math.abs(expected - scores[index]!)));
      assert.ok(furthest <= 1e-5, `${task} is off by ${furthest}`);
    }
  });

  it("shows the quality that the published goals ask for", async function () {
    if (!withBooks) this.skip();
    const { steps } = await get<{ steps: { task: string; metrics?: Record<string, number> }[] }>("/training");
    const metrics = steps.find(({ task }) => task === "evaluate")?.metrics ?? {};

    assert.ok(metrics["itemToItemHitRate10"]! >= 0.026, JSON.stringify(metrics));
    assert.ok(metrics["recall10"]! >= 0.07, JSON.stringify(metrics));
  });

  it("answers 500 requests a second on loopback without an error", async () => {
    const item = await firstItem();

    const result = await autocannon({
      url: `${url}/recommendations/${item}`,
      connections: 10,
      overallRate: 500,
      amount: 5000,
    });

    assert.deepEqual([result.errors, result.timeouts, result.non2xx, result["2xx"]], [0, 0, 0, 5000]);
  });

  it("drops no request while its pods are replaced", async () => {
    const load = { url: `${url}/v2/health/live`, connections: 4, overallRate: 100 };

    const result = await underLoad(load, async () => {
      await stack.succeed(["kubectl", "-n", "recommenders", "rollout", "restart", "deployment"]);
      await stack.succeed(["kubectl", "-n", "recommenders", "rollout", "status", "deployment", "--timeout=180s"]);
    });

    assert.ok(result["2xx"] > 0);
    assert.deepEqual([result.errors, result.non2xx], [0, 0]);
  });

  it("shows the runs of the pipelines to Kubeflow's clients and in a browser", async () => {
    const [, address = ""] = /^pipelines +(http:\S+)/m.exec(startOutput) ?? [];

    const answer = await fetch(`${address}/apis/v2beta1/runs?sort_by=name`);
    const { runs } = (await answer.json()) as { runs: { display_name: string; state: string }[] };
    assert.deepEqual(
      runs.map(({ display_name, state }) => [display_name.split("-")[0], state]),
      [
        ["books", "SUCCEEDED"],
        ["iris", "SUCCEEDED"],
      ],
    );
    assert.match(await (await fetch(address)).text(), /<html/);
  });

  it("tells the species of an iris by the model of its pipeline", async () => {
    const flower = [5.1, 3.5, 1.4, 0.2];
    const response = await fetch(`${await stack.output("irisUrl")}/v2/models/iris/infer`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ inputs: [{ name: "features", shape: [1, 4], datatype: "FP32", data: flower }] }),
    });

    const { outputs } = (await response.json()) as { outputs: { data: string[] }[] };
    assert.deepEqual(outputs[0]?.data, ["setosa"]);
  });

  it("follows a model that passed its gate, and goes back by a setting, without a dropped request", async () => {
    const served = async () => (await get<{ versions: string[] }>("/v2/models/books")).versions[0]!;
    const first = await served();
    const load = { url: `${url}/recommendations`, connections: 2, overallRate: 50 };

    const result = await underLoad(load, async () => {
      const output = await stack.deployWith({ neighbours: 150 });
      assert.match(output, /prepare-dataset: cached/);
      await until("another version", async () => (await served()) !== first);
      await stack.deployWith({ neighbours: 150, serving: { modelVersion: first } });
      // The pod before answers on connections that are open until it ends.
      await until("the version before", async () => (await served()) === first);
      await stack.deployWith({});
      await until("the version of these settings", async () => (await served()) === first);
    });

    assert.ok(result["2xx"] > 0);
    assert.deepEqual([result.errors, result.non2xx], [0, 0]);
  });

  it("finds drift made by hand, and repairs it", async () => {
    const patch = '{"spec":{"hard":{"requests.nvidia.com/gpu":"7"}}}';
    await stack.succeed([
      ...[
        "kubectl",
        "-n",
        "recommenders",
        "patch",
        "resourcequota",
        await quotaName(stack),
        "--type=merge",
        "-p",
        patch,
      ],
    ]);

    const { exitCode, output } = await stack.command(["pulumi", "refresh", "--yes", "--expect-no-changes"]);
    assert.notEqual(exitCode, 0, output);
    await stack.succeed(["pulumi", "up", "--yes", "--skip-preview"]);

    const [quota] = await stack.objects<{ spec: { hard: Record<string, string> } }>(
      ...["resourcequota", "-n", "recommenders"],
    );
    assert.equal(quota?.spec.hard["requests.nvidia.com/gpu"], "2");
  });

  it("serves the shared volume over NFS from a pod on a block volume, as Scaleway's clusters do", async () => {
    const kubeconfig = join(stack.stateDir, "kubeconfig");
    const share = await NfsExport.deploy(stack.instance, kubeconfig, await stack.output("registryEndpoint"));
    try {
      // Ready pods are known to kube-proxy a moment later; clients that mount try again by themselves.
      await until("the export takes a file", () => share.write("model.txt", "neighbours").then(() => true));
      assert.equal(await share.read("model.txt"), "neighbours");
    } finally {
      await share.destroy();
    }
  });

  it("listens on loopback and on its own private network only", () => {
    const added = reachableListeners(/^k[0-9a-f]{8}$/).filter((address) => !listenersBefore.includes(address));

    assert.deepEqual(added, []);
  });

  for (const { what, fileName, content, sentence } of BAD_RATINGS)
    it(`refuses ${what} in one sentence, and serves the earlier model`, async () => {
      const good = await answer();
      const folder = mkdtempSync(join(tmpdir(), "bad-data-"));
      const file = join(folder, fileName);
      writeFileSync(file, content());
      try {
        const { exitCode, output } = await stack.command(["start"], { BOOKS_DATA: file });

        assert.notEqual(exitCode, 0);
        assert.match(output, sentence);
        assert.deepEqual(await answer(), good);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });

  it("goes on with the right data after a Ctrl-C, one start at a time", async () => {
    const { exitCode } = await stack.command(["start"], {}, "Cluster, platform and recommenders");
    assert.notEqual(exitCode, 0);

    const both = await Promise.all([stack.command(["start"]), stack.command(["start"])]);

    assert.deepEqual(
      both.map((result) => result.exitCode).sort(),
      [0, 1],
      both.map(({ output }) => output).join("\n\n"),
    );
    assert.ok(both.some(({ output }) => output.includes("is at work on")));
    await stack.succeed(["pulumi", "refresh", "--yes", "--expect-no-changes"]);
    await stack.succeed(["pulumi", "preview", "--expect-no-changes"]);
  });

  it("refuses a second cluster on its machine, before anything is made", async () => {
    const second = new TestedStack(join(stack.stateDir, "second"));

    const { exitCode, output } = await second.command(["start"]);

    assert.notEqual(exitCode, 0);
    assert.ok(output.includes(`End it with "RECOMMENDER_STATE=${stack.stateDir} npm stop"`), output);
    assert.ok(!existsSync(second.stateDir));
  });

  it("recovers from a kill of the API, of the database and of a kubelet", async () => {
    const good = await answer();
    for (const name of [/^scaleway$/, /-etcd$/, /-kubelet$/]) await kill(name, stack.instance);

    await stack.succeed(["start"]);

    assert.deepEqual(await answer(), good);
  });

  it("stops without a trace, and starts again where it was", async () => {
    const good = await answer();

    await stack.succeed(["stop"]);
    assert.deepEqual(added(untouched, traces(stack.stateDir)), []);

    const taken = await occupy(stack.instance.ports.registry);
    const refused = await stack.command(["start"]);
    taken.close();
    assert.notEqual(refused.exitCode, 0);
    assert.match(refused.output, new RegExp(String(stack.instance.ports.registry)));

    // The data of the last start, though nobody names them any more.
    const output = await stack.succeed(["start"], { BOOKS_DATA: "" });
    assert.match(output, /GPU pool: stayed at 0/);
    if (withBooks) assert.match(output, /^Ratings: .*BX-CSV-Dump\.zip, as in the last start; BOOKS_DATA=default/m);
    url = await stack.output("booksUrl");
    assert.deepEqual(await answer(), good);
  });

  it("refuses settings with several mistakes in one message, before anything is touched", async () => {
    const file = join(stack.stateDir, "Pulumi.broken.yaml");
    writeFileSync(file, brokenConfiguration(readFileSync(join(stack.stateDir, "Pulumi.local.yaml"), "utf8")));
    const before = await stack.resources();

    const { exitCode, output } = await stack.command(["pulumi", "preview", "--stack", "local", "--config-file", file]);

    assert.notEqual(exitCode, 0);
    for (const sentence of REFUSALS) assert.match(output, sentence);
    assert.deepEqual(await stack.resources(), before);
  });

  it("destroys everything it made", async () => {
    await stack.succeed(["pulumi", "destroy", "--yes", "--skip-preview"]);

    assert.deepEqual(await stack.resources(), []);
    assert.deepEqual(readdirSync(join(stack.stateDir, "kapsule")), []);
  });
});

async function quotaName(stack: TestedStack): Promise<string> {
  const [quota] = await stack.objects<{ metadata: { name: string } }>("resourcequota", "-n", "recommenders");
  return quota!.metadata.name;
}
