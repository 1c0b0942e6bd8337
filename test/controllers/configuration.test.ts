import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { durationSeconds, LiveConfiguration, readConfiguration } from "../../local/kapsule/controllers/configuration";
import { quantity } from "../../local/kapsule/controllers/kubernetes/quantity";
import { addressAt, freeAddress } from "../../local/kapsule/controllers/load-balancer/addresses";

const valid = {
  clusterId: "c",
  projectId: "p",
  region: "fr-par",
  zone: "fr-par-1",
  kubeconfig: "/k",
  apiUrl: "http://127.0.0.1:1",
  serviceToken: "t",
  loopbackPrefix: "127.42.",
  volumeDirectory: "/v",
  autoscaler: { expander: "price" },
};

describe("Configuration of the controllers", () => {
  const directory = mkdtempSync(join(tmpdir(), "controllers-"));
  const file = join(directory, "controllers.json");
  let second = 1;
  const write = (text: string) => {
    writeFileSync(file, text);
    utimesSync(file, second, second++);
  };
  after(() => rmSync(directory, { recursive: true }));

  it("names the file and every field that is wrong", () => {
    write(JSON.stringify({ ...valid, region: "", zone: undefined, loopbackPrefix: "10.0." }));

    assert.throws(() => readConfiguration(file), new RegExp(`${file}.*region, zone, loopbackPrefix \\(is "10.0."`));
  });

  it("takes up a changed file and keeps the last good one", () => {
    write(JSON.stringify(valid));
    const reports: string[] = [];
    const live = new LiveConfiguration(file, (message) => reports.push(message));
    write(JSON.stringify({ ...valid, autoscaler: { expander: "random" } }));
    assert.equal(live.current.autoscaler.expander, "random");
    write("{");

    assert.equal(live.current.autoscaler.expander, "random");
    assert.match(reports.join("\n"), /read again[^]*kept as it was/);
  });

  it("reads durations and quantities, and refuses what is none", () => {
    assert.deepEqual(["0", "10s", "10m", "1h30m", "2.5s", "500ms"].map(durationSeconds), [0, 10, 600, 5400, 2.5, 0.5]);
    assert.deepEqual(["250m", "2", "1.5Gi", "1e3", "128974848", "10k"].map(quantity), [
      0.25,
      2,
      1.5 * 2 ** 30,
      1000,
      128974848,
      10000,
    ]);
    for (const text of ["", "10", "ten", "10 m", "-5s"])
      assert.throws(() => durationSeconds(text), /is not of the form/);
    for (const text of ["", "1Kb", "Gi", "1.2.3"]) assert.throws(() => quantity(text), /is not a Kubernetes quantity/);
  });

  it("hands out the lowest free address", () => {
    const taken = new Set(Array.from({ length: 254 }, (_, index) => addressAt("127.42.", index)));

    assert.equal(freeAddress("127.42.", new Set()), "127.42.0.1");
    assert.equal(freeAddress("127.42.", taken), "127.42.1.1");
    taken.delete("127.42.0.7");
    assert.equal(freeAddress("127.42.", taken), "127.42.0.7");
  });
});
