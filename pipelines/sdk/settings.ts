import type { ParameterValue } from "./values";

/** A name in the cluster, known when the pipeline is written or handed to the run. */
export type Name = string | ParameterValue<"STRING">;

/** ISO 8601, such as `P7D`, `PT12H` or `P1DT6H`; without years and months, whose length varies. */
export type Duration = `P${string}`;

/** Pod annotation that bounds the age of a reused result; the IR of Kubeflow Pipelines 2.17 has no field for it. */
export const MAX_CACHE_STALENESS = "pipelines.recommender/max-cache-staleness";

/** How one step runs: all that is about the cluster and not about the work. Absent means as the backend does it. */
export interface StepSettings {
  /** Key of the step in its graph: lower-case letters, digits, `-`. @default the component's, numbered from the second use */
  readonly name?: string;
  /** What people read instead of the name. */
  readonly displayName?: string;
  /** @default the component's */
  readonly image?: string;
  /** Added to the component's. */
  readonly env?: Readonly<Record<string, string>>;
  readonly requests?: Resources;
  readonly limits?: Resources;
  readonly gpu?: Gpu;
  /** Labels that a node must have. */
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly volumes?: readonly ClaimMount[];
  readonly emptyDirs?: readonly EmptyDirMount[];
  readonly secretEnv?: readonly SecretEnv[];
  readonly secretFiles?: readonly SecretFiles[];
  readonly configMapEnv?: readonly ConfigMapEnv[];
  readonly configMapFiles?: readonly ConfigMapFiles[];
  /** Variables from fields of the pod, such as `{ NODE: "spec.nodeName" }`. */
  readonly fieldEnv?: Readonly<Record<string, string>>;
  readonly imagePullPolicy?: "Always" | "IfNotPresent" | "Never";
  /** Secrets of type kubernetes.io/dockerconfigjson. */
  readonly imagePullSecrets?: readonly Name[];
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
  /**
   * Whether an earlier result with the same inputs, image and command may stand in. Inputs are compared by identity: a
   * step that reads something outside the pipeline is off, or takes a digest as parameter.
   * `maxStaleness` bounds its age where the backend knows ages (`compact`); the official one reuses at any age.
   * @default "on"
   */
  readonly cache?: "on" | "off" | { readonly maxStaleness: Duration };
  /** Further tries after a failure. @default none */
  readonly retries?: Retries;
  /** The pod is ended, and the try failed, after so many seconds. */
  readonly timeoutSeconds?: number;
  readonly securityContext?: {
    /** Not 0: pods of root are refused by later backends and by restricted namespaces. */
    readonly runAsUser?: number;
    readonly runAsGroup?: number;
    readonly runAsNonRoot?: boolean;
  };
}

/** Quantities of Kubernetes, such as `500m` and `2Gi`. */
export interface Resources {
  readonly cpu?: string;
  readonly memory?: string;
}

export interface Gpu {
  /** Name of the extended resource. @default "nvidia.com/gpu" */
  readonly type?: string;
  readonly count: number;
}

export interface Toleration {
  readonly key?: string;
  readonly operator?: "Equal" | "Exists";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  /** Only with effect NoExecute. */
  readonly tolerationSeconds?: number;
}

/** A claim is mounted once per step: the volume in the pod bears its name. */
export interface ClaimMount {
  readonly claim: Name;
  readonly mountPath: string;
  readonly subPath?: string;
}

export interface EmptyDirMount {
  readonly name: string;
  readonly mountPath: string;
  /** `Memory` for /dev/shm and the like; counts against the memory limit. @default the node's disk */
  readonly medium?: "Memory";
  /** Quantity, such as `1Gi`. */
  readonly sizeLimit?: string;
}

export interface SecretEnv {
  readonly secret: Name;
  /** Variable → key in the secret. */
  readonly keys: Readonly<Record<string, string>>;
  readonly optional?: boolean;
}

export interface SecretFiles {
  readonly secret: Name;
  readonly mountPath: string;
  readonly optional?: boolean;
}

export interface ConfigMapEnv {
  readonly configMap: Name;
  /** Variable → key in the config map. */
  readonly keys: Readonly<Record<string, string>>;
  readonly optional?: boolean;
}

export interface ConfigMapFiles {
  readonly configMap: Name;
  readonly mountPath: string;
  readonly optional?: boolean;
}

export interface Retries {
  readonly count: number;
  /** Seconds before the first further try. @default 0 */
  readonly backoffSeconds?: number;
  /** Each pause is so many times the last. @default 2 */
  readonly backoffFactor?: number;
  /** @default 3600 */
  readonly maxBackoffSeconds?: number;
}
