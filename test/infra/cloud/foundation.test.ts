/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- assertions on manifests of every kind */
import assert from "node:assert/strict";
import { Foundation } from "../../../infra/cloud/foundation";
import { deploy, valueOf } from "../../support/deploy";
import { settingsOf } from "../../support/settings";

const { project, foundation } = settingsOf("dev");
const create = () => new Foundation("foundation", { ...foundation, project });

describe("Foundation", () => {
  it("keeps images and objects private", async () => {
    const { inputsOf } = await deploy(create);

    assert.equal(inputsOf("foundation-registry").isPublic, false);
    for (const role of ["data", "models", "artifacts"]) {
      const { acl, name, versioning } = inputsOf(`foundation-buckets-${role}`);
      assert.deepEqual(
        { acl, name, versioning },
        {
          acl: undefined, // private is the default, and naming it is deprecated
          name: `recommender-dev-${role}`,
          versioning: { enabled: true },
        },
      );
    }
  });

  it("forgets artifacts after a while, but neither data nor models", async () => {
    const { inputsOf } = await deploy(create);

    const expiring = (role: string) =>
      (inputsOf(`foundation-buckets-${role}`).lifecycleRules as { expiration?: unknown }[]).filter(
        (rule) => rule.expiration,
      );
    assert.deepEqual(expiring("artifacts"), [{ id: "expiry", enabled: true, expiration: { days: 90 } }]);
    assert.deepEqual([...expiring("data"), ...expiring("models")], []);
  });

  it("gives each workload only the rights it needs, in this project, for a fixed time", async () => {
    const { inputsOf } = await deploy(create);

    const projectIds = [project.projectId];
    assert.deepEqual(inputsOf("foundation-image-pulls-policy").rules, [
      { permissionSetNames: ["ContainerRegistryReadOnly"], projectIds },
    ]);
    assert.deepEqual(inputsOf("foundation-serving-policy").rules, [
      { permissionSetNames: ["ObjectStorageObjectsRead"], projectIds },
    ]);
    for (const role of ["steps", "pipelines"])
      assert.deepEqual(inputsOf(`foundation-${role}-policy`).rules, [
        {
          permissionSetNames: ["ObjectStorageObjectsRead", "ObjectStorageObjectsWrite", "ObjectStorageObjectsDelete"],
          projectIds,
        },
      ]);
    assert.equal(inputsOf("foundation-steps-key").expiresAt, "2027-06-30T00:00:00Z");
  });

  it("hands a key out once it has its rights, as a secret, and keeps a copy", async () => {
    const { of, inputsOf, result } = await deploy(create);

    assert.ok(of("foundation-steps-key").dependencies.includes(of("foundation-steps-policy").urn));
    assert.equal(
      await (result.objectStorage.steps.secretKey as unknown as { isSecret: Promise<boolean> }).isSecret,
      true,
    );
    assert.equal(await valueOf(result.objectStorage.steps.secretKey), "secret of foundation-steps-key");
    assert.deepEqual(JSON.parse(inputsOf("foundation-steps-secret-version").data as string), {
      accessKey: "SCW00000000000000000",
      secretKey: "secret of foundation-steps-key",
    });
  });
});
