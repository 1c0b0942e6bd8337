import { strict as assert } from "node:assert";
import type { PersistentVolume, PersistentVolumeClaim, StorageClass } from "../../local/kubernetes/objects";
import { claimStep, soldBytes, volumeEnd } from "../../local/kapsule/controllers/volumes/volume-plan";

const waiting: StorageClass = {
  metadata: { name: "sbs-default", uid: "class" },
  provisioner: "csi.scaleway.com",
  volumeBindingMode: "WaitForFirstConsumer",
  allowVolumeExpansion: true,
};
const immediate = { ...waiting, volumeBindingMode: "Immediate" };
const claim = (spec: Partial<PersistentVolumeClaim["spec"]> = {}, annotations = {}): PersistentVolumeClaim => ({
  metadata: { name: "data", namespace: "default", uid: "uid", annotations },
  spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: "10Gi" } }, ...spec },
});
const volume = (
  spec: Partial<PersistentVolume["spec"]>,
  phase: string,
  deletionTimestamp?: string,
): PersistentVolume => ({
  metadata: {
    name: "pvc-uid",
    uid: "pv",
    deletionTimestamp,
    annotations: { "pv.kubernetes.io/provisioned-by": "csi.scaleway.com" },
  },
  spec: { capacity: { storage: "10Gi" }, persistentVolumeReclaimPolicy: "Delete", ...spec },
  status: { phase },
});

describe("Plan of a volume", () => {
  it("provisions at once, or for the node that the scheduler chose", () => {
    const selected = { "volume.kubernetes.io/selected-node": "node-1" };

    assert.deepEqual(claimStep(claim(), immediate, undefined), { kind: "provision", selectedNode: undefined });
    assert.deepEqual(claimStep(claim(), waiting, undefined), { kind: "nothing" });
    assert.deepEqual(claimStep(claim({}, selected), waiting, undefined), { kind: "provision", selectedNode: "node-1" });
  });

  it("leaves the claims of others alone", () => {
    assert.equal(
      claimStep(claim(), { ...immediate, provisioner: "filestorage.csi.scaleway.com" }, undefined).kind,
      "nothing",
    );
    assert.equal(claimStep(claim(), undefined, undefined).kind, "nothing");
  });

  for (const [what, spec, reason] of [
    ["several writers", { accessModes: ["ReadWriteMany"] }, /ReadWriteMany was asked for/],
    ["several readers", { accessModes: ["ReadWriteOnce", "ReadOnlyMany"] }, /ReadOnlyMany was asked for/],
    ["a raw device", { volumeMode: "Block" }, /Raw block volumes/],
    ["a certain volume", { selector: {} }, /selector/],
    ["a copy", { dataSource: {} }, /snapshots/],
  ] as const)
    it(`refuses ${what}`, () => {
      const step = claimStep(claim(spec), waiting, undefined);

      assert.match(step.kind === "refuse" ? step.reason : step.kind, reason);
    });

  it("expands only upwards, and only where the class allows it", () => {
    const bound = claim({ volumeName: "pvc-uid", resources: { requests: { storage: "20Gi" } } });
    const present = volume({}, "Bound");

    assert.equal(claimStep(bound, waiting, present).kind, "expand");
    assert.equal(claimStep(bound, { ...waiting, allowVolumeExpansion: false }, present).kind, "nothing");
    assert.equal(claimStep(bound, waiting, volume({ capacity: { storage: "20480Mi" } }, "Bound")).kind, "nothing");
  });

  it("deletes what is released, keeps what is to be retained and never touches what is bound", () => {
    const retain = { persistentVolumeReclaimPolicy: "Retain" };

    assert.equal(volumeEnd(volume({}, "Released")), "storage");
    assert.equal(volumeEnd(volume({}, "Available", "2026-01-01T00:00:00Z")), "storage");
    assert.equal(volumeEnd(volume(retain, "Released")), "nothing");
    assert.equal(volumeEnd(volume(retain, "Released", "2026-01-01T00:00:00Z")), "object");
    assert.equal(volumeEnd(volume({}, "Bound", "2026-01-01T00:00:00Z")), "nothing");
    assert.equal(volumeEnd({ ...volume({}, "Released"), metadata: { name: "theirs", uid: "x" } }), "nothing");
  });

  it("buys whole decimal gigabytes", () => {
    assert.deepEqual(["1Mi", "1G", "10Gi", "10G", "1500M"].map(soldBytes), [1e9, 1e9, 11e9, 10e9, 2e9]);
  });
});
