import assert from "node:assert/strict";
import { TestScaleway } from "../../scaleway/support";
import { ProgramStack } from "./support/stack";

interface Settings {
  readonly tag?: string;
  readonly subnet?: string;
  readonly registry?: string;
  readonly secret?: string;
}

/** A little of each product, as the foundation and the network of the platform use them. */
function foundation({
  tag = "first",
  subnet = "172.16.0.0/22",
  registry = "registry-one",
  secret = "first-secret-text",
}: Settings = {}): string {
  return `
    const region = "fr-par";
    const vpc = new scaleway.network.Vpc("vpc", { region, tags: ["${tag}"] });
    const network = new scaleway.network.PrivateNetwork("network", { region, vpcId: vpc.id, ipv4Subnet: { subnet: "${subnet}" } });
    const registry = new scaleway.registry.Namespace("registry", { region, name: "${registry}" });
    const application = new scaleway.iam.Application("application", {});
    new scaleway.iam.Policy("policy", {
      applicationId: application.id,
      rules: [{ permissionSetNames: ["ContainerRegistryReadOnly"], projectIds: [registry.projectId] }],
    });
    const key = new scaleway.iam.ApiKey("key", { applicationId: application.id, expiresAt: "2040-01-01T00:00:00Z" });
    const secret = new scaleway.secrets.Secret("secret", { region });
    new scaleway.secrets.Version("version", { region, secretId: secret.id, data: "${secret}" });
    new scaleway.block.Volume("volume", { zone: "fr-par-1", iops: 5000, sizeInGb: 20 }, { customTimeouts: { create: "2m", delete: "2m" } });
    export const secretKey = key.secretKey;
    export const networkName = network.name;
  `;
}

describe("The scaleway plugin with the real provider", function () {
  this.timeout(300_000);
  let scaleway: TestScaleway;
  let stack: ProgramStack;

  before(async () => {
    scaleway = await TestScaleway.start();
    stack = new ProgramStack(scaleway.instance);
    await stack.create();
  });

  after(async () => {
    await scaleway.stop();
  });

  const output = async (name: string) => (await stack.pulumi("stack", "output", name)).trim();

  const get = async (name: string, product: string) => {
    const [locality, id] = stack.id(name).split("/");
    return (await scaleway.get(product.replace("*", locality!) + `/${id}`)).body;
  };

  it("shows everything in a preview and makes nothing", async () => {
    stack.program(foundation());

    const output = await stack.pulumi("preview");

    assert.match(output, /\+ 10 to create/);
    assert.ok(!(await scaleway.kinds()).includes("vpc.private-network"), (await scaleway.kinds()).join());
  });

  it("makes what the program says, under names of its own", async () => {
    const output = await stack.up();

    assert.match(output, /\+ 10 created/);
    const vpc = await get("vpc", "/vpc/v2/regions/*/vpcs");
    assert.match(vpc["name"] as string, /^vpc-[0-9a-f]{7}$/);
    assert.deepEqual(vpc["tags"], ["first"]);
    assert.equal(stack.id("application").includes("/"), false);
  });

  it("keeps secrets encrypted in the state, whoever made them", async () => {
    const secretKey = (await stack.pulumi("stack", "output", "secretKey", "--show-secrets")).trim();

    const state = stack.state();
    assert.match(secretKey, /^[0-9a-f-]{36}$/);
    for (const text of [secretKey, "first-secret-text", Buffer.from("first-secret-text").toString("base64")]) {
      assert.ok(!state.includes(text), `the state holds ${text} in plain text`);
    }
    assert.match(await stack.pulumi("stack", "output"), /secretKey\s+\[secret\]/);
  });

  it("finds nothing to do the second time", async () => {
    assert.match(await stack.up("--expect-no-changes"), /10 unchanged/);
  });

  it("changes in place what can be changed in place", async () => {
    stack.program(foundation({ tag: "second" }));

    const output = await stack.up();

    assert.match(output, /~ 1 updated/);
    assert.deepEqual((await get("vpc", "/vpc/v2/regions/*/vpcs"))["tags"], ["second"]);
  });

  it("replaces what cannot be changed in place, under a new name where it chose the old one", async () => {
    const before = [stack.id("network"), await output("networkName")];
    stack.program(foundation({ tag: "second", subnet: "172.16.8.0/22", registry: "registry-two" }));

    const shown = await stack.up();

    assert.match(shown, /\+-2 replaced/);
    assert.match(shown, /~ subnet: "172\.16\.0\.0\/22" => "172\.16\.8\.0\/22"/);
    assert.notEqual(stack.id("network"), before[0]);
    assert.notEqual(await output("networkName"), before[1]);
  });

  it("replaces a secret version without showing either text", async () => {
    stack.program(
      foundation({ tag: "second", subnet: "172.16.8.0/22", registry: "registry-two", secret: "second-secret-text" }),
    );

    const output = await stack.up();

    assert.match(output, /\+-1 replaced/);
    assert.doesNotMatch(output, /secret-text/);
  });

  it("finds by refresh what was changed by hand, and puts it right", async () => {
    await scaleway.patch(`/vpc/v2/regions/fr-par/vpcs/${stack.id("vpc").split("/")[1]}`, { tags: ["by-hand"] });

    const refreshed = await stack.pulumi("refresh", "--yes", "--skip-preview", "--diff");
    const repaired = await stack.up();

    assert.match(refreshed, /by-hand/);
    assert.match(repaired, /~ 1 updated/);
    assert.deepEqual((await get("vpc", "/vpc/v2/regions/*/vpcs"))["tags"], ["second"]);
    await stack.up("--expect-no-changes");
  });

  it("finds by refresh what was deleted by hand, and makes it again", async () => {
    const before = stack.id("registry");
    await scaleway.delete(`/registry/v1/regions/fr-par/namespaces/${before.split("/")[1]}`);
    await scaleway.until(
      "/registry/v1/regions/fr-par/namespaces",
      ({ body }) => (body["namespaces"] as unknown[]).length === 0,
    );

    const output = await stack.up("--refresh");

    assert.match(output, /\+ 1 created/);
    assert.notEqual(stack.id("registry"), before);
  });

  it("imports what exists", async () => {
    const { body } = await scaleway.post("/vpc/v2/regions/fr-par/vpcs", {
      name: "made-by-hand",
      project_id: scaleway.instance.account.projectId,
      tags: ["old"],
    });

    const output = await stack.pulumi(
      ...["import", "--yes", "--skip-preview", "--generate-code=false", "--protect=false"],
      ...["scaleway:network/vpc:Vpc", "imported", `fr-par/${String(body["id"])}`],
    );

    assert.match(output, /= 1 imported/);
    assert.equal(stack.id("imported"), `fr-par/${String(body["id"])}`);
  });

  it("says that an imported id does not exist", async () => {
    const nobody = "fr-par/00000000-0000-4000-8000-000000000000";

    const { exitCode, output } = await stack.run([
      ...["import", "--yes", "--skip-preview", "--generate-code=false", "scaleway:network/vpc:Vpc", "nobody", nobody],
    ]);

    assert.notEqual(exitCode, 0);
    assert.match(output, /does not exist|not found/);
  });

  it("answers functions from the provider's data sources", async () => {
    stack.program(
      `export const version = scaleway.kubernetes.getVersionOutput({ name: "1.36.4", region: "fr-par" }).majorMinorOnly;`,
    );

    const output = await stack.pulumi("preview", "--diff");

    assert.match(output, /version\s*: "1\.36"/);
  });

  it("destroys everything it made", async () => {
    await stack.pulumi("destroy", "--yes", "--skip-preview");

    const left = (await scaleway.kinds()).filter((kind) => !/default|project/.test(kind));
    assert.deepEqual(left, []);
  });
});
