import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Experiment, Run } from "../../../local/kubeflow/model";
import { type OpenStore, openStore } from "../../../local/kubeflow/store/lmdb-store";

const experiment = (id: string): Experiment => ({
  id,
  displayName: id,
  createdAt: 0,
  storageState: "AVAILABLE",
});
const run = (id: string, name: string): Run => ({
  id,
  experimentId: "default",
  displayName: id,
  state: "PENDING",
  storageState: "AVAILABLE",
  createdAt: 0,
  scheduledAt: 0,
  parameters: {},
  package: { pipelineSpec: { pipelineInfo: { name } } },
  history: [],
});

describe("The store", () => {
  let directory: string;
  let store: OpenStore;

  beforeEach(() => {
    directory = mkdtempSync(join(tmpdir(), "store-"));
    store = openStore(directory);
  });
  afterEach(async () => {
    await store.close();
    rmSync(directory, { recursive: true, force: true });
  });

  it("shows a change at once, and has it when it is opened again", async () => {
    const changed = store.change(() => store.experiments.put(experiment("a")));
    assert.equal(store.experiments.get("a")?.displayName, "a");
    await changed;
    await store.close();
    store = openStore(directory);

    assert.deepEqual([...store.experiments.all()], [experiment("a")]);
  });

  it("takes back all of a change that fails in its midst", async () => {
    const failing = store.change(() => {
      store.experiments.put(experiment("a"));
      throw new Error("in its midst");
    });

    await assert.rejects(failing, /in its midst/);
    assert.equal(store.experiments.get("a"), undefined);
  });

  it("is not written outside a change", () => {
    assert.throws(() => store.experiments.put(experiment("a")), /only written inside Store.change/);
  });

  it("gives runs their package, which goes with the last of them", async () => {
    await store.change(() => {
      for (const id of ["a", "b"]) store.runs.put(run(id, "books"));
    });
    await store.change(() => store.runs.remove("a"));

    assert.deepEqual(store.runs.get("b"), run("b", "books"));
    await store.change(() => store.runs.remove("b"));
    await store.change(() => store.runs.put(run("c", "books")));
    assert.deepEqual(store.runs.get("c"), run("c", "books"));
  });

  it("has after SIGKILL what it had said was kept", async () => {
    const other = join(directory, "killed");
    const writer = spawn(process.execPath, ["--import", "tsx", join(__dirname, "..", "support", "writer.ts"), other]);
    let last = "";
    for await (const line of createInterface(writer.stdout)) {
      last = line;
      if (last === "50") writer.kill("SIGKILL");
    }
    if (writer.signalCode === null) await once(writer, "exit");
    const left = openStore(other);
    const ids = [...left.experiments.all()].map(({ id }) => Number(id));
    await left.close();

    assert.equal(writer.signalCode, "SIGKILL");
    assert.ok(ids.length >= Number(last), `${ids.length} of ${last} are there`);
  });
});
