import type * as pulumi from "@pulumi/pulumi";
import type { Cluster as ClusterFacts, Publication } from "../../pipelines/components/cluster";
import type { ObjectStorage } from "../cloud/foundation";
import type { Platform } from "../platform/platform";
import { placement } from "../platform/pods";
import type { Project } from "../settings/project";
import type { PipelinesConnection } from "./runs/resources";

/** What every recommender stands on. */
export interface Surroundings {
  readonly project: Project;
  readonly platform: Platform;
  readonly objectStorage: ObjectStorage;
  /** Secret. Gives every right in the cluster. */
  readonly kubeconfig: pulumi.Input<string>;
  readonly clusterId: pulumi.Input<string>;
}

/** What pipelines are told of the cluster: plain values, because a compiled pipeline is named by its content. */
export function clusterFacts(
  { cpuPool, timeoutMinutes }: { readonly cpuPool: string; readonly timeoutMinutes: number },
  { pullSecret, stepStorage }: Platform,
): ClusterFacts {
  return {
    cpu: placement(cpuPool, false),
    pullSecret,
    objectStorageSecret: stepStorage.secretName,
    timeoutMinutes,
  };
}

/** How the deploy reaches what carries pipelines out; known once that answers. */
export function connectionOf({ platform, kubeconfig, clusterId }: Surroundings): PipelinesConnection {
  const { namespace, ready: service, servicePort: port } = platform.kubeflow;
  return { kubeconfig, clusterId, namespace, service, port };
}

/** Where a recommender's models go, and how many of them stay. */
export function publicationOf({
  project,
  keepVersions,
}: Surroundings & { readonly keepVersions: number }): Publication {
  return { models: modelsAddress(project), keepVersions };
}

/** Bucket of the models as steps and serving are told. */
export function modelsAddress({ name }: Project): string {
  return `s3://${name}-models`;
}
