import type * as pulumi from "@pulumi/pulumi";

/** Where the parts of a backend run. */
export interface Surroundings {
  readonly namespace: pulumi.Input<string>;
  readonly priorityClassName: pulumi.Input<string>;
  /** Pool of nodes that last: these pods keep no node that comes and goes with the work, such as one with a GPU. */
  readonly nodeSelector: Readonly<Record<string, string>>;
}

/** Name by which all parts are found; the component tells them apart. */
export const APPLICATION = "kubeflow-pipelines";

/** The Service that speaks for every backend; clients, steps and the UI know it by this name. */
export const SERVICE_NAME = "ml-pipeline";
export const HTTP_PORT = 8888;
export const GRPC_PORT = 8887;
export const WEBHOOK_PORT = 8443;

/** Carried by the pods of steps: the official compiler writes it, the compact backend does the same. */
export const STEP_LABELS = { "pipelines.kubeflow.org/v2_component": "true" } as const;
