import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { valueOf, type Deployment } from "../support/deploy";
import { type Environment, rawSettings } from "../support/settings";
import { deployStack } from "../support/stack";

const environments = ["local", "dev", "production"] as const;
type Program = Deployment<Record<string, unknown>>;

/** Each environment is run once; the tests only look. */
const runs = new Map<Environment, Promise<Program>>();
function deployed(environment: Environment): Promise<Program> {
  const run = runs.get(environment) ?? deployStack(environment, rawSettings(environment));
  runs.set(environment, run);
  return run;
}

/** Type and name of every resource, with the Jobs' digests left out: they change with each image. */
function listOf({ resources }: Deployment<unknown>): string {
  return `${resources
    .map(({ type, name }) => `${type} ${name}`)
    .sort()
    .join("\n")}\n`;
}

describe("The whole program", () => {
  for (const environment of environments) {
    // RECORD=1 writes the lists anew; their difference is then read in the commit.
    it(`makes in ${environment} exactly the resources of golden/${environment}.txt`, async () => {
      const deployment = await deployed(environment);

      const golden = join(__dirname, "golden", `${environment}.txt`);
      if (process.env["RECORD"]) writeFileSync(golden, listOf(deployment));
      assert.ok(existsSync(golden), `${golden} is missing`);
      assert.equal(listOf(deployment), readFileSync(golden, "utf8"));
    });
  }

  it("names no resource twice", async () => {
    const { resources } = await deployed("production");

    const urns = resources.map(({ urn }) => urn);
    assert.deepEqual(urns.length, new Set(urns).size);
  });

  it("parents every resource to a component, and names it after that component", async () => {
    const { resources } = await deployed("dev");

    const names = new Map(resources.map(({ urn, name }) => [urn, name]));
    const strays = resources.filter(({ name, parent }) => parent && !name.startsWith(`${names.get(parent)}-`));
    const orphans = resources.filter(({ parent }) => !parent).map(({ name }) => name);
    assert.deepEqual(strays, []);
    assert.deepEqual(orphans.sort(), ["cluster", "foundation", "platform", "recommenders"]);
  });

  it("can deploy foundation and cluster before there are images, by a type that nothing else is part of", async () => {
    const { resources } = await deployed("local");

    // --target '**recommender:cloud:**'
    const targeted = resources.filter(({ urn }) => urn.includes("recommender:cloud:"));
    const targets = new Set(targeted.map(({ urn }) => urn));
    const outside = targeted.flatMap(({ dependencies }) => dependencies.filter((urn) => !targets.has(urn)));
    assert.equal(targeted.length, resources.filter(({ name }) => /^(foundation|cluster)(-|$)/.test(name)).length);
    assert.deepEqual(outside, []);
  });

  it("protects in production what is hard to bring back, and nothing in local", async () => {
    const production = await deployed("production");
    const local = await deployed("local");

    for (const name of ["foundation-buckets-models", "foundation-registry", "cluster-control-plane"])
      assert.equal(production.of(name).protect, true, name);
    assert.deepEqual(
      local.resources.filter(({ protect }) => protect),
      [],
    );
  });

  it("skips what is in the cluster when a destroy removes the cluster itself", async () => {
    const { resources, of } = await deployed("local");

    const { urn } = of("cluster-control-plane");
    const inside = resources.filter(({ type }) => /^(kubernetes|pulumi-nodejs):/.test(type));
    assert.ok(inside.length > 20);
    assert.deepEqual(
      inside.filter(({ deletedWith }) => deletedWith !== urn),
      [],
    );
  });

  it("deletes load balancers and volumes itself where Kapsule would leave them, and what mounts the volumes", async () => {
    const { resources } = await deployed("production");

    const kept = resources.filter(({ type, deletedWith }) => type.startsWith("kubernetes:") && !deletedWith);
    assert.deepEqual([...new Set(kept.map(({ type }) => type))].sort(), [
      "kubernetes:apps/v1:Deployment",
      ...["kubernetes:core/v1:PersistentVolumeClaim", "kubernetes:core/v1:Service"],
    ]);
  });

  it("puts everything in the cluster through the cluster's own provider", async () => {
    const { resources, of } = await deployed("dev");

    const provider = of("cluster-kubernetes").urn;
    const elsewhere = resources.filter(
      (resource) => resource.type.startsWith("kubernetes:") && !resource.provider.startsWith(`${provider}::`),
    );
    assert.deepEqual(elsewhere, []);
  });

  it("names project and place on every resource of Scaleway that has one", async () => {
    const { resources } = await deployed("dev");

    const without = resources.filter(
      ({ type, inputs }) =>
        type.startsWith("scaleway:") &&
        !type.startsWith("scaleway:iam/") &&
        (inputs as { region?: string }).region !== "fr-par",
    );
    assert.deepEqual(without, []);
  });

  it("hands out addresses, and the kubeconfig as a secret", async () => {
    const { result } = await deployed("local");

    assert.equal(await valueOf(result["booksUrl"] as pulumi.Output<string>), "http://203.0.113.7");
    assert.equal(
      await valueOf(result["registryEndpoint"] as pulumi.Output<string>),
      "rg.fr-par.scw.cloud/recommender-local",
    );
    assert.equal(await (result["kubeconfig"] as { isSecret: Promise<boolean> }).isSecret, true);
    assert.deepEqual(Object.keys(result).sort(), [
      ...["booksData", "booksPipelineVersion", "booksUrl", "clusterId", "dataBucket", "gpuPool", "irisUrl"],
      ...["kubeconfig", "namespace", "projectId", "registryEndpoint"],
    ]);
  });

  it("stops before the first resource when the settings are wrong", async () => {
    const wrong = { ...rawSettings("dev"), platform: {} };

    await assert.rejects(deployStack("dev", wrong), /stacks\/Pulumi\.dev\.yaml\) has 3 mistakes/);
  });
});
