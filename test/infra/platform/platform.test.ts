/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access -- assertions on manifests of every kind */
import assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { Buckets } from "../../../infra/cloud/buckets";
import { Platform } from "../../../infra/platform/platform";
import { deploy } from "../../support/deploy";
import { settingsOf } from "../../support/settings";

const credentials = { accessKey: pulumi.output("SCWKEY"), secretKey: pulumi.secret("hush") };
const { platform, project } = settingsOf("dev");
const onNfs = () => {
  const address = "rg.fr-par.scw.cloud/images";
  const registry = { address, endpoint: pulumi.output(address), pullCredentials: credentials };
  const objectStorage = {
    region: "fr-par",
    endpointUrl: "https://s3.fr-par.scw.cloud",
    ...{ steps: credentials, pipelines: credentials, serving: credentials },
    buckets: new Buckets("buckets", { project, keepOldVersionsDays: 1, keepArtifactsDays: 1, emptyOnDestroy: true }),
  };
  return { ...platform, project, registry, objectStorage, lastingPool: "cpu", privateNetworkId: "fr-par/network" };
};
const onDirectory = () => ({ ...onNfs(), sharedVolume: settingsOf("local").platform.sharedVolume });

describe("Platform", () => {
  it("admits restricted pods only where recommenders run, and counts their GPUs", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onNfs()));

    const { metadata } = inputsOf("platform-recommenders-namespace");
    assert.equal(metadata.name, "recommenders");
    assert.equal(metadata.labels["pod-security.kubernetes.io/enforce"], "restricted");
    assert.deepEqual(inputsOf("platform-recommenders-gpus").spec.hard, { "requests.nvidia.com/gpu": "2" });
    assert.deepEqual(inputsOf("platform-shared-volume-storage-gpus").spec.hard, { "requests.nvidia.com/gpu": "0" });
  });

  it("denies all traffic of a namespace in both directions", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onNfs()));

    for (const name of ["platform-recommenders-deny", "platform-shared-volume-storage-deny"])
      assert.deepEqual(inputsOf(name).spec, { podSelector: {}, policyTypes: ["Ingress", "Egress"] });
  });

  it("mounts the shared volume from an NFS server by address, since nodes do not know cluster names", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onNfs()));

    const { spec } = inputsOf("platform-shared-volume-volume");
    assert.deepEqual(spec.nfs, { server: "10.32.0.99", path: "/export" });
    assert.deepEqual(spec.claimRef, { namespace: "recommenders", name: "nfs" });
    assert.deepEqual(spec.accessModes, ["ReadWriteMany"]);
  });

  it("gives the NFS server what acting for its clients takes, one replica, and a node that lasts", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onNfs()));

    const { strategy, replicas, template } = inputsOf("platform-shared-volume-nfs-server").spec;
    assert.deepEqual({ strategy, replicas }, { strategy: { type: "Recreate" }, replicas: 1 });
    assert.deepEqual(template.spec.containers[0].securityContext, {
      privileged: false,
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: {
        drop: ["ALL"],
        add: ["CHOWN", "DAC_OVERRIDE", "DAC_READ_SEARCH", "FOWNER", "SETGID", "SETUID"],
      },
    });
    assert.equal(template.spec.securityContext.fsGroupChangePolicy, "OnRootMismatch");
    assert.deepEqual(template.spec.nodeSelector, { "recommender/pool": "cpu" });
  });

  it("needs no server and no second namespace for a directory that all nodes share", async () => {
    const { inputsOf, names } = await deploy(() => new Platform("platform", onDirectory()));

    assert.deepEqual(inputsOf("platform-shared-volume-volume").spec.hostPath, {
      path: "/var/lib/recommender/shared",
      type: "Directory",
    });
    assert.deepEqual(
      names.filter((name) => /nfs|storage-(namespace|pulls)/.test(name)),
      [],
    );
  });

  it("claims the volume as nfs and asks no storage class for another one", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onDirectory()));

    const { metadata, spec } = inputsOf("platform-shared-volume-claim");
    assert.deepEqual(metadata, { name: "nfs", namespace: "recommenders" });
    assert.equal(spec.storageClassName, "");
    assert.equal(spec.volumeName, "platform-shared-volume-volume-01234567");
  });

  it("lets the disk behind the volume grow, which the claim in front of it could not", async () => {
    const { of } = await deploy(() => new Platform("platform", onNfs()));

    assert.deepEqual(of("platform-shared-volume-claim").ignoreChanges, ["spec.resources"]);
    assert.deepEqual(of("platform-shared-volume-volume").ignoreChanges, ["spec.capacity"]);
    assert.deepEqual(of("platform-shared-volume-nfs-disk").ignoreChanges, []);
  });

  it("lets kubelets fetch images with a key that can do nothing else", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onDirectory()));

    const { type, stringData } = inputsOf("platform-pulls-secret");
    assert.equal(type, "kubernetes.io/dockerconfigjson");
    assert.deepEqual(JSON.parse(stringData[".dockerconfigjson"] as string), {
      auths: {
        "rg.fr-par.scw.cloud": {
          username: "nologin",
          password: "hush",
          auth: Buffer.from("nologin:hush").toString("base64"),
        },
      },
    });
  });

  it("lets serving displace training, never the other way round", async () => {
    const { inputsOf } = await deploy(() => new Platform("platform", onDirectory()));

    const { value, preemptionPolicy } = inputsOf("platform-priorities-training");
    assert.equal(preemptionPolicy, "Never");
    assert.ok(value < inputsOf("platform-priorities-serving").value);
    assert.ok(value > -10, "below the autoscaler's cutoff a waiting step would start no node");
  });
});
