import type { JsonObject, PipelinePackage } from "../model";

/** The custom resources of Kubeflow Pipelines in Kubernetes-native mode. */
export const GROUP = "pipelines.kubeflow.org";
export const API_VERSION = `${GROUP}/v2beta1`;
/** By which versions are listed: UID of their pipeline. */
export const PIPELINE_ID_LABEL = `${GROUP}/pipeline-id`;
export const PIPELINE_NAME_LABEL = `${GROUP}/pipeline`;

export interface Metadata {
  readonly name: string;
  readonly namespace: string;
  readonly uid: string;
  readonly resourceVersion?: string;
  readonly creationTimestamp: string;
  readonly deletionTimestamp?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly ownerReferences?: readonly OwnerReference[];
}

export interface OwnerReference {
  readonly apiVersion: string;
  readonly kind: string;
  readonly name: string;
  readonly uid: string;
  readonly blockOwnerDeletion?: boolean;
}

export interface PipelineObject {
  readonly metadata: Metadata;
  readonly spec?: {
    readonly displayName?: string;
    readonly description?: string;
    readonly tags?: Readonly<Record<string, string>>;
  };
}

export interface PipelineVersionObject {
  readonly metadata: Metadata;
  readonly spec: {
    readonly pipelineName?: string;
    readonly versionName?: string;
    readonly displayName?: string;
    readonly description?: string;
    readonly codeSourceURL?: string;
    readonly pipelineSpecURI?: string;
    readonly pipelineSpec: JsonObject;
    readonly platformSpec?: JsonObject;
    readonly tags?: Readonly<Record<string, string>>;
  };
}

/** Labels and owner by which a version belongs to its pipeline. */
export function belonging(pipeline: Pick<Metadata, "name" | "uid">) {
  const { name, uid } = pipeline;
  const owner: OwnerReference = { apiVersion: API_VERSION, kind: "Pipeline", name, uid, blockOwnerDeletion: true };
  // A label holds 63 characters, a name 253.
  return { labels: { [PIPELINE_ID_LABEL]: uid, [PIPELINE_NAME_LABEL]: name.slice(0, 63) }, owner };
}

export function packageOfVersion({ spec }: Pick<PipelineVersionObject, "spec">): PipelinePackage {
  const { pipelineSpec, platformSpec } = spec;
  return platformSpec ? { pipelineSpec, platformSpec } : { pipelineSpec };
}

/** Name of a cluster's object, which pipelines and versions are. */
export const OBJECT_NAME = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
export const LONGEST_OBJECT_NAME = 253;
