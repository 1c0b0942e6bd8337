/** A container task as it is to be run: every name and value is settled. */
export interface ContainerOrder {
  /** Name of the Job: the same for the same try of the same task, whichever process asks. */
  readonly jobName: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly serviceAccount?: string;
  readonly image: string;
  readonly command: readonly string[];
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** Names of resources → quantities. */
  readonly requests: Readonly<Record<string, string>>;
  readonly limits: Readonly<Record<string, string>>;
  /** Directories below the shared one that the container sees, and where. */
  readonly mounts: readonly { readonly subPath: string; readonly mountPath: string }[];
  readonly pod: PodSettings;
  /** File of this machine that gets what the container writes. */
  readonly logFile: string;
}

/** What a step asks of its pod beside the container, in the forms of Kubernetes. */
export interface PodSettings {
  readonly nodeSelector: Readonly<Record<string, string>>;
  readonly tolerations: readonly object[];
  readonly nodeAffinity?: object;
  readonly claims: readonly { readonly claim: string; readonly mountPath: string; readonly subPath?: string }[];
  readonly emptyDirs: readonly {
    readonly mountPath: string;
    readonly medium?: string;
    readonly sizeLimit?: string;
  }[];
  readonly secretFiles: readonly NamedFiles[];
  readonly configMapFiles: readonly NamedFiles[];
  readonly secretEnv: readonly NamedValue[];
  readonly configMapEnv: readonly NamedValue[];
  readonly fieldEnv: readonly { readonly name: string; readonly fieldPath: string }[];
  readonly imagePullPolicy?: "Always" | "Never" | "IfNotPresent";
  readonly imagePullSecrets: readonly string[];
  readonly activeDeadlineSeconds?: number;
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
}

export interface NamedFiles {
  readonly name: string;
  readonly mountPath: string;
  readonly optional: boolean;
}

export interface NamedValue {
  readonly name: string;
  readonly key: string;
  readonly variable: string;
  readonly optional: boolean;
}

/** What is known of a container that has not ended. Times are milliseconds since the epoch. */
export interface ContainerProgress {
  readonly podName?: string;
  readonly nodeName?: string;
  readonly containerStartedAt?: number;
  /** What it waits for, while it has not started. */
  readonly message?: string;
}

export type ContainerEnd =
  | { readonly kind: "succeeded" }
  /** `reason` is one word such as `Error`, `OOMKilled`, `ImagePullBackOff`; `message` one sentence. */
  | { readonly kind: "failed"; readonly reason: string; readonly message: string; readonly exitCode?: number }
  /** It was ended by something that is not the step's fault, such as the loss of its node. */
  | { readonly kind: "lost"; readonly reason: string; readonly message: string };

/** Where containers run. */
export interface ContainerRunner {
  /** Names of all Jobs that this backend made and that are there, ended or not. */
  names(): Promise<readonly string[]>;
  /** Whether the Job is there, ended or not. */
  exists(jobName: string): Promise<boolean>;
  /**
   * Makes the Job, or takes over the one of that name, and follows it to its end; its log is whole by then.
   * Rejects only when `signal` aborts; the Job then goes on.
   */
  run(order: ContainerOrder, report: (progress: ContainerProgress) => void, signal: AbortSignal): Promise<ContainerEnd>;
  /** Ends a Job and what it started; no error where there is none. Resolves once its container has stopped. */
  remove(jobName: string): Promise<void>;
}
