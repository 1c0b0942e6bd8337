import { strict as assert } from "node:assert";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Json, REGION, TestScaleway } from "./support";

const VPCS = `/vpc/v2/regions/${REGION}/vpcs`;
const VOLUMES = "/block/v1/zones/fr-par-1/volumes";
const SECRETS = `/secret-manager/v1beta1/regions/${REGION}/secrets`;
const NAMESPACES = `/registry/v1/regions/${REGION}/namespaces`;

describe("The emulated API", () => {
  let scaleway: TestScaleway;
  before(async () => (scaleway = await TestScaleway.start()));
  after(() => scaleway.stop());
  afterEach(() => scaleway.delete("/_local/faults"));

  const inject = (fault: Json) => scaleway.post("/_local/faults", fault);

  describe("answers", () => {
    it("501 to a route no product declares, and logs it", async () => {
      const { status, body } = await scaleway.get("/magic/v1/wands");
      assert.deepEqual([status, body["type"]], [501, "not_implemented"]);
      const { body: log } = await scaleway.get("/_local/events?operation=unknown");
      assert.equal((log["events"] as Json[]).at(-1)?.["path"], "/magic/v1/wands");
    });

    it("401 without a known token, and health without any", async () => {
      for (const token of ["", "nobody"]) {
        const { status, body } = await scaleway.get(VPCS, token);
        assert.deepEqual([status, body["type"]], [401, "denied_authentication"]);
      }
      assert.equal((await scaleway.get("/_local/health", "")).status, 200);
      assert.equal((await scaleway.get("/_local/events", scaleway.instance.account.serviceToken)).status, 403);
    });

    it("404 with the resource's name, and the registry's own body for namespaces", async () => {
      const id = "00000000-0000-4000-8000-000000000000";
      const { body } = await scaleway.get(`${VPCS}/${id}`);
      assert.deepEqual(body, { type: "not_found", message: "resource is not found", resource: "vpc", resource_id: id });
      assert.deepEqual((await scaleway.get(`${NAMESPACES}/${id}`)).body, { message: "Namespace was not found" });
    });

    it("400 with every mistake of a body", async () => {
      const { status, body } = await scaleway.post(VOLUMES, { name: 5, perf_iops: 7000, from_empty: { size: 1 } });
      assert.equal(status, 400);
      const names = (body["details"] as Json[]).map(({ argument_name }) => argument_name);
      assert.deepEqual(names, ["name", "perf_iops", "from_empty.size"]);
    });

    it("pages that together hold all, with the whole count on each", async () => {
      for (let index = 0; index < 5; index++) await scaleway.post(VPCS, { name: `page-${index}` });
      const first = await scaleway.get(`${VPCS}?page=1&page_size=4`);
      const second = await scaleway.get(`${VPCS}?page=2&page_size=4`);
      const third = await scaleway.get(`${VPCS}?page=3&page_size=4`);
      const names = [first, second, third].map(({ body }) => (body["vpcs"] as Json[]).length);
      assert.deepEqual(names, [4, 2, 0]); // The default VPC is among them.
      assert.equal(first.body["total_count"], 6);
    });
  });

  describe("keeps", () => {
    it("everything over a restart, in files only their owner reads", async () => {
      const { body } = await scaleway.post(SECRETS, { name: "lasting" });
      await scaleway.post(`${SECRETS}/${body["id"] as string}/versions`, { data: "aGVsbG8=" });
      await scaleway.restart();
      const access = await scaleway.get(`${SECRETS}/${body["id"] as string}/versions/latest/access`);
      assert.equal(access.body["data"], "aGVsbG8=");
      const file = join(scaleway.instance.stateDir, "scaleway", "state", "secret-versions.json");
      assert.equal(statSync(file).mode & 0o077, 0);
    });

    it("no secret in its log of calls", () => {
      const log = readFileSync(join(scaleway.instance.stateDir, "scaleway", "events.jsonl"), "utf8");
      const { secretKey, serviceToken } = scaleway.instance.account;
      assert.ok(!log.includes(secretKey) && !log.includes(serviceToken) && !log.includes("aGVsbG8="));
    });

    it("a deleted secret readable, with the date of its deletion, and a protected one from being deleted", async () => {
      const { body } = await scaleway.post(SECRETS, { name: "guarded", protected: true });
      const path = `${SECRETS}/${body["id"] as string}`;
      const refused = await scaleway.delete(path);
      assert.deepEqual([refused.status, refused.body["precondition"]], [412, "protected_resource"]);
      await scaleway.post(`${path}/unprotect`);
      assert.equal((await scaleway.delete(path)).status, 204);
      assert.ok((await scaleway.get(path)).body["deletion_requested_at"]);
    });

    it("the revision of a deleted version from being given again, and the form of key_value data", async () => {
      const { body: secret } = await scaleway.post(SECRETS, { name: "pairs", type: "key_value" });
      const versions = `${SECRETS}/${secret["id"] as string}/versions`;
      const add = (value: unknown) =>
        scaleway.post(versions, { data: Buffer.from(JSON.stringify(value)).toString("base64") });
      await add({ user: "books" });
      await scaleway.delete(`${versions}/1`);

      const { body } = await add({ user: "readers" });
      assert.deepEqual([body["revision"], body["region"]], [2, REGION]);
      assert.equal((await add({ user: {} })).status, 400);
      assert.equal((await add("user")).status, 400);
    });

    it("a VPC while it has networks, and hands out subnets that do not overlap", async () => {
      const { body } = await scaleway.post(VPCS, { name: "kept" });
      const networks = `/vpc/v2/regions/${REGION}/private-networks`;
      const first = await scaleway.post(networks, { name: "a", vpc_id: body["id"], subnets: ["172.16.0.0/22"] });
      const second = await scaleway.post(networks, { name: "b", vpc_id: body["id"] });
      const overlapping = await scaleway.post(networks, { name: "c", vpc_id: body["id"], subnets: ["172.16.2.0/24"] });
      const subnetOf = (reply: { body: Json }) => (reply.body["subnets"] as Json[])[0]?.["subnet"];
      assert.deepEqual([subnetOf(first), subnetOf(second)], ["172.16.0.0/22", "172.16.4.0/22"]);
      assert.equal(overlapping.status, 400);
      const path = `${VPCS}/${body["id"] as string}`;
      assert.equal((await scaleway.delete(path)).body["precondition"], "resource_still_in_use");
      for (const { body: network } of [first, second]) await scaleway.delete(`${networks}/${network["id"] as string}`);
      assert.equal((await scaleway.delete(path)).status, 204);
    });
  });

  describe("lets a key do", () => {
    const keyWith = async (...permission_set_names: string[]): Promise<{ secret: string; access: string }> => {
      const { projectId } = scaleway.instance.account;
      const application_id = (await scaleway.post("/iam/v1alpha1/applications", { name: "limited" })).body["id"];
      const rules = [{ permission_set_names, project_ids: [projectId] }];
      await scaleway.post("/iam/v1alpha1/policies", { application_id, rules });
      const { body } = await scaleway.post("/iam/v1alpha1/api-keys", { application_id });
      return { secret: body["secret_key"] as string, access: body["access_key"] as string };
    };

    it("what its policies open and nothing else", async () => {
      const { secret } = await keyWith("SecretManagerReadOnly", "BlockStorageFullAccess");
      assert.equal((await scaleway.get(SECRETS, secret)).status, 200);
      assert.equal((await scaleway.post(SECRETS, { name: "no" }, secret)).status, 403);
      assert.equal((await scaleway.post(VOLUMES, { from_empty: { size: 1_000_000_000 } }, secret)).status, 200);
      assert.equal((await scaleway.post(VPCS, {}, secret)).body["type"], "permissions_denied");
      assert.equal((await scaleway.get("/iam/v1alpha1/applications", secret)).status, 403);
    });

    it("nothing in another project", async () => {
      const { secret } = await keyWith("BlockStorageFullAccess");
      const other = (await scaleway.post("/account/v3/projects", { name: "other" })).body["id"];
      const volume = { project_id: other, from_empty: { size: 1_000_000_000 } };
      assert.equal((await scaleway.post(VOLUMES, volume, secret)).status, 403);
      const { body } = await scaleway.post(VOLUMES, volume);
      assert.equal((await scaleway.get(`${VOLUMES}/${body["id"] as string}`, secret)).status, 403);
      assert.equal(
        (await scaleway.delete(`/account/v3/projects/${other as string}`)).body["precondition"],
        "resource_not_usable",
      );
    });

    it("nothing once it is deleted, and shows its secret once", async () => {
      const { secret, access } = await keyWith("VPCFullAccess");
      assert.equal((await scaleway.get(`/iam/v1alpha1/api-keys/${access}`)).body["secret_key"], null);
      await scaleway.delete(`/iam/v1alpha1/api-keys/${access}`);
      assert.equal((await scaleway.get(VPCS, secret)).status, 401);
    });
  });

  describe("on request", () => {
    const count = async (name: string) => (await scaleway.get(`${VPCS}?name=${name}`)).body["total_count"];

    it("answers the n-th call of an operation with a status, a wait, and without carrying it out", async () => {
      await inject({ operation: "vpc.CreateVPC", call: 2, status: 503, retryAfterSeconds: 0 });
      assert.equal((await scaleway.post(VPCS, { name: "faulty" })).status, 200);
      const second = await scaleway.post(VPCS, { name: "faulty" });
      assert.deepEqual([second.status, second.headers.get("retry-after")], [503, "0"]);
      assert.equal((await scaleway.post(VPCS, { name: "faulty" })).status, 200);
      assert.equal(await count("faulty"), 2);
    });

    it("drops the connection before or after it carried the call out", async () => {
      for (const [drop, made] of [
        ["before", 0],
        ["after", 1],
      ] as const) {
        await inject({ operation: "vpc.CreateVPC", drop });
        await assert.rejects(scaleway.post(VPCS, { name: `dropped-${drop}` }));
        assert.equal(await count(`dropped-${drop}`), made);
        await scaleway.delete("/_local/faults");
      }
    });

    it("sends bodies that are no JSON", async () => {
      await inject({ operation: "vpc.ListVPCs", status: 200, body: "<html>", contentType: "text/html" });
      const { headers } = await scaleway.get(VPCS);
      assert.equal(headers.get("content-type"), "text/html");
    });

    it("holds an object in its transient state until the faults are cleared", async () => {
      await inject({ operation: "block.CreateVolume", stuck: true });
      const { body } = await scaleway.post(VOLUMES, { from_empty: { size: 1_000_000_000 } });
      const path = `${VOLUMES}/${body["id"] as string}`;
      assert.equal((await scaleway.get(path)).body["status"], "creating");
      await scaleway.delete("/_local/faults");
      assert.equal((await scaleway.get(path)).body["status"], "available");
    });

    it("refuses a fault it does not understand", async () => {
      assert.equal((await inject({ operation: "vpc.CreateVPC", staus: 500 })).status, 400);
    });
  });
});
