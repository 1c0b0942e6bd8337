import type { StepSettings } from "../sdk/settings";

/** What a pipeline is told of the cluster that it runs on. */
export interface Cluster {
  /** Nodes of the steps without a GPU. */
  readonly cpu: Placement;
  /** Secret for pulling images. */
  readonly pullSecret: string;
  /** Secret with AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_ENDPOINT_URL_S3 and AWS_REGION. */
  readonly objectStorageSecret: string;
  /** Time for one step in minutes, the start of its node included. */
  readonly timeoutMinutes: number;
}

export type Placement = Pick<StepSettings, "nodeSelector" | "tolerations">;

/** What a step asks for; memory is its limit, too. */
export interface Needs {
  readonly cpu: string;
  readonly memory: string;
}

/** What is published where, and what stays. */
export interface Publication {
  /** Bucket of the models, as `s3://<bucket>`. */
  readonly models: string;
  /** Versions that stay, the current one included; pinned ones stay beside them. */
  readonly keepVersions: number;
}

export const SMALL: Needs = { cpu: "100m", memory: "256Mi" };

const OBJECT_STORAGE_KEYS = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_ENDPOINT_URL_S3", "AWS_REGION"];

/** Settings of a step: image, place and size. CPU has no limit: what a node has to spare may be used. */
export function onCluster(cluster: Cluster, image: string, { cpu, memory }: Needs, place = cluster.cpu): StepSettings {
  return {
    image,
    ...place,
    requests: { cpu, memory },
    limits: { memory },
    timeoutSeconds: cluster.timeoutMinutes * 60,
    imagePullSecrets: [cluster.pullSecret],
    fieldEnv: { NODE_NAME: "spec.nodeName" },
    // A node that goes, or storage that does not answer, is no fault of the step.
    retries: { count: 1, backoffSeconds: 5 },
  };
}

/** Settings of a step that talks to object storage: the keys as its environment. */
export function withObjectStorage(cluster: Cluster): Pick<StepSettings, "secretEnv"> {
  const keys = Object.fromEntries(OBJECT_STORAGE_KEYS.map((key) => [key, key]));
  return { secretEnv: [{ secret: cluster.objectStorageSecret, keys }] };
}

/** Settings of the steps that judge and publish: what they see may have changed, so they are never left out. */
export function onBucket(cluster: Cluster, image: string): StepSettings {
  return { ...onCluster(cluster, image, SMALL), ...withObjectStorage(cluster), cache: "off" };
}
