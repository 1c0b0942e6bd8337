import * as pulumi from "@pulumi/pulumi";
import type { ImageRegistry } from "../cloud/foundation";
import type { SharedVolumeSettings } from "../settings/platform";
import { imageReference } from "./images";
import { EXPORT_PATH, NfsServer } from "./nfs-server";
import { PullSecret } from "./pull-secret";
import type { VolumeBacking } from "./shared-volume";
import { Workspace } from "./workspace";

/** What a backing may need from its surroundings. */
export interface BackingContext {
  readonly registry: ImageRegistry;
  readonly priorityClassName: pulumi.Input<string>;
  readonly nodeSelector: Readonly<Record<string, string>>;
}

type Kind = SharedVolumeSettings["kind"];
type Backings = {
  readonly [K in Kind]: (
    name: string,
    settings: Extract<SharedVolumeSettings, { kind: K }>,
    context: BackingContext,
    opts: pulumi.ComponentResourceOptions,
  ) => VolumeBacking;
};

/** Each kind of shared volume, and all that it takes to have one. */
const backings: Backings = {
  nfs: (name, { size, storageClass }, { registry, priorityClassName, nodeSelector }, opts) => {
    // The server's capability is beyond the level "restricted", hence a namespace where nothing else runs.
    const workspace = new Workspace(
      `${name}-storage`,
      { namespace: "storage", podSecurity: "privileged", maxGpus: 0 },
      opts,
    );
    const { namespace } = workspace;
    const { secretName: pullSecretName } = new PullSecret(`${name}-storage-pulls`, { namespace, registry }, opts);
    const image = imageReference(registry, "nfs-server");
    const server = new NfsServer(
      `${name}-nfs`,
      { namespace, image, pullSecretName, priorityClassName, nodeSelector, size, storageClass },
      opts,
    );
    return {
      // The kubelet mounts from the node, where cluster DNS does not resolve: an address, not a name.
      nfs: { server: server.address, path: EXPORT_PATH },
      mountOptions: ["nfsvers=4.1", "hard", "noatime"],
    };
  },
  // The directory must be there: made by a kubelet it would belong to root, and no step could write to it.
  hostPath: (_name, { path }) => ({ hostPath: { path, type: "Directory" } }),
};

/** Makes what a shared volume needs, by its kind. */
export function createBacking(
  name: string,
  settings: SharedVolumeSettings,
  context: BackingContext,
  opts: pulumi.ComponentResourceOptions,
): VolumeBacking {
  const create = backings[settings.kind] as (
    name: string,
    settings: SharedVolumeSettings,
    context: BackingContext,
    opts: pulumi.ComponentResourceOptions,
  ) => VolumeBacking;
  return create(name, settings, context, opts);
}
