import { strict as assert } from "node:assert";
import { readFileSync, readdirSync, readlinkSync } from "node:fs";
import { basename } from "node:path";
import type { FaultRequest } from "../../../local/scaleway/server/faults";
import type { Json } from "../../scaleway/support";
import { ProviderStack } from "./stack";

interface Resource {
  readonly kind: string;
  readonly id: string;
}

/** Where an object is deleted by hand. */
const PATHS: Readonly<Record<string, string>> = {
  vpc: "/vpc/v2/regions/fr-par/vpcs/",
  application: "/iam/v1alpha1/applications/",
  secret: "/secret-manager/v1beta1/regions/fr-par/secrets/",
  volume: "/block/v1/zones/fr-par-2/volumes/",
};

describe("The real provider when Scaleway fails", function () {
  this.timeout(120_000);
  let stack: ProviderStack;
  before(async () => (stack = await ProviderStack.start({ program: "faults-program", hold: 500 })));
  after(() => stack.stop());

  afterEach("each test leaves nothing", async () => {
    await stack.scaleway.delete("/_local/faults");
    await stack.succeed("destroy", "--yes", "--skip-preview");
    assert.deepEqual(await stack.scaleway.kinds(), []);
  });

  it("makes each object once where every create is refused once with 503", async () => {
    const creates = ["vpc.CreateVPC", "vpc.CreatePrivateNetwork", "iam.CreateApplication", "secret.CreateSecret"];
    creates.push("secret.CreateSecretVersion", "registry.CreateNamespace", "block.CreateVolume");
    for (const operation of creates) await inject(stack, { operation, status: 503, retryAfterSeconds: 0 });
    await stack.configure("make", "vpc,network,application,secret,version,namespace,volume");

    await stack.up();

    const expected = ["application", "namespace", "private_network", "secret", "secret_version", "volume", "vpc"];
    assert.deepEqual(await stack.scaleway.kinds(), expected);
    for (const operation of creates) assert.deepEqual(await statuses(stack, operation), [503, 200], operation);
    await stack.up("--expect-no-changes");
  });

  it("asks again where the answer is lost after the commit: names that may repeat exist twice, once in the state", async () => {
    await inject(stack, { operation: "vpc.CreateVPC", drop: "after" });
    await inject(stack, { operation: "iam.CreateApplication", drop: "after" });
    await stack.configure("make", "vpc,application");

    await stack.up();

    assert.deepEqual(await stack.scaleway.kinds(), ["application", "application", "vpc", "vpc"]);
    const orphans = await notInState(stack);
    assert.deepEqual(
      orphans.map(({ kind }) => kind),
      ["vpc", "application"],
    );
    await stack.up("--expect-no-changes");
    await remove(stack, orphans);
    await stack.succeed("refresh", "--yes", "--skip-preview", "--expect-no-changes");
  });

  it("says that a name is taken where the answer is lost after the commit of a secret", async () => {
    await inject(stack, { operation: "secret.CreateSecret", drop: "after" });
    await stack.configure("make", "secret,version");

    const { exitCode, stdout } = await stack.run("up", "--yes", "--skip-preview");

    assert.notEqual(exitCode, 0);
    assert.match(stdout, /a secret "faulty-secret" exists already at path "\/"/);
    assert.deepEqual(await stack.scaleway.kinds(), ["secret"]);
    await remove(stack, await notInState(stack));
    await stack.up();
    assert.deepEqual(await stack.scaleway.kinds(), ["secret", "secret_version"]);
  });

  it("names the resource and the permission that is missing, keeps what was made, and goes on from there", async () => {
    const body = {
      type: "permissions_denied",
      message: "insufficient permissions",
      details: [{ resource: "private_networks", action: "write" }],
    };
    await inject(stack, { operation: "vpc.CreatePrivateNetwork", status: 403, body });
    await stack.configure("make", "vpc,network");

    const { exitCode, stdout } = await stack.run("up", "--yes", "--skip-preview");

    assert.notEqual(exitCode, 0);
    assert.match(stdout, /PrivateNetwork \(network\)/);
    assert.match(stdout, /insufficient permissions.*write private_networks/);
    assert.deepEqual(await notInState(stack), []);
    await stack.up();
    assert.deepEqual(await stack.scaleway.kinds(), ["private_network", "vpc"]);
  });

  it("fails at once, with the route, where the local Scaleway lacks one", async () => {
    await stack.configure("make", "key");

    const { exitCode, stdout } = await stack.run("up", "--yes", "--skip-preview");

    assert.notEqual(exitCode, 0);
    assert.match(stdout, /SshKey \(key\)/);
    assert.match(stdout, /does not know POST \/iam\/v1alpha1\/ssh-keys/);
    assert.deepEqual(await statuses(stack, "unknown"), [501], "it is not asked again");
  });

  it("keeps the id of what was made and never became ready, and takes it over once it is", async () => {
    await inject(stack, { operation: "block.CreateVolume", stuck: true });
    await stack.configure("make", "volume");

    const { exitCode, stdout } = await stack.run("up", "--yes", "--skip-preview");

    assert.notEqual(exitCode, 0);
    assert.match(stdout, /timeout/);
    assert.deepEqual(await notInState(stack), []);
    const [volume] = await resources(stack);
    await stack.scaleway.delete("/_local/faults");
    await stack.up();
    assert.deepEqual(await resources(stack), [volume]);
    await stack.up("--expect-no-changes");
  });

  it("reports a provider that is killed before the commit; the next run makes all", async () => {
    await inject(stack, { operation: "vpc.CreateVPC", delayMilliseconds: 10_000, drop: "before" });
    await stack.configure("make", "vpc,network");

    const { exitCode, stdout } = await killedWhen(stack, async () => {
      const { body } = await stack.scaleway.get("/_local/faults");
      return (body["faults"] as { seen: number }[]).some(({ seen }) => seen > 0);
    });

    assert.notEqual(exitCode, 0);
    assert.match(stdout, /terraform-provider-scaleway was ended by SIGKILL/);
    await stack.succeed("cancel", "--yes");
    await stack.up();
    assert.deepEqual(await stack.scaleway.kinds(), ["private_network", "vpc"]);
    await stack.up("--expect-no-changes");
  });

  it("loses what a provider killed after the commit had made; the next run makes another, once", async () => {
    await inject(stack, { operation: "block.CreateVolume", stuck: true });
    // Alone: another resource made beside it could be killed between its commit and its answer, too.
    await stack.configure("make", "volume");

    const { exitCode, stdout } = await killedWhen(stack, async () => (await stack.scaleway.kinds()).includes("volume"));

    assert.notEqual(exitCode, 0);
    assert.match(stdout, /terraform-provider-scaleway was ended by SIGKILL/);
    await stack.scaleway.delete("/_local/faults");
    await stack.succeed("cancel", "--yes");
    await stack.up();
    const orphans = await notInState(stack);
    assert.deepEqual(
      orphans.map(({ kind }) => kind),
      ["volume"],
    );
    await stack.up("--expect-no-changes");
    await remove(stack, orphans);
  });
});

async function inject(stack: ProviderStack, fault: Partial<FaultRequest>): Promise<void> {
  const { status, body } = await stack.scaleway.post("/_local/faults", fault);
  assert.equal(status, 200, JSON.stringify(body));
}

/** Statuses of the answers to an operation, 0 where the connection was dropped. */
async function statuses({ scaleway }: ProviderStack, operation: string): Promise<unknown[]> {
  const { body } = await scaleway.get(`/_local/events?operation=${operation}`);
  return (body["events"] as Json[]).map(({ status }) => status);
}

async function resources({ scaleway }: ProviderStack): Promise<Resource[]> {
  const { body } = await scaleway.get("/_local/resources");
  return body["resources"] as Resource[];
}

/** What exists and no resource of the stack's state stands for. */
async function notInState(stack: ProviderStack): Promise<Resource[]> {
  const state = JSON.parse(await stack.succeed("stack", "export", "--stack", "test")) as {
    deployment: { resources?: { id?: string }[] };
  };
  // The provider's ids are "<region or zone>/<id>".
  const known = (state.deployment.resources ?? []).map(({ id }) => id?.split("/").at(-1));
  return (await resources(stack)).filter(({ id }) => !known.includes(id));
}

async function remove({ scaleway }: ProviderStack, orphans: readonly Resource[]): Promise<void> {
  for (const { kind, id } of orphans) {
    const { status } = await scaleway.delete(`${PATHS[kind] ?? ""}${id}`);
    assert.equal(status, 204, `${kind} ${id}`);
  }
}

/** Runs "up" and kills the provider's process once the condition holds. */
async function killedWhen(stack: ProviderStack, condition: () => Promise<boolean>) {
  const ended = { value: false };
  const run = stack.run("up", "--yes", "--skip-preview").finally(() => (ended.value = true));
  while (!ended.value && !(await condition())) await new Promise((done) => setTimeout(done, 10));
  for (const pid of providerProcesses(stack)) process.kill(pid, "SIGKILL");
  return run;
}

/** Processes of terraform-provider-scaleway that work for this stack: other stacks' may run beside them. */
function providerProcesses({ scaleway }: ProviderStack): number[] {
  const address = `SCW_API_URL=http://127.0.0.1:${scaleway.instance.ports.api}`;
  return readdirSync("/proc")
    .filter((entry) => /^\d+$/.test(entry))
    .filter((entry) => {
      try {
        const program = basename(readlinkSync(`/proc/${entry}/exe`));
        const environment = readFileSync(`/proc/${entry}/environ`, "utf8").split("\0");
        return program === "terraform-provider-scaleway" && environment.includes(address);
      } catch {
        return false; // It has ended since.
      }
    })
    .map(Number);
}
