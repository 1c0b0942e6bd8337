import { ARGO_WORKFLOWS, KUBEFLOW_PIPELINES, ML_METADATA, MYSQL } from "../../versions";

/**
 * Every image of the official backend, those that it starts itself included (driver, launcher, executor), which its
 * own manifests hide in variables and arguments.
 */
const IMAGES = {
  apiServer: `ghcr.io/kubeflow/kfp-api-server:${KUBEFLOW_PIPELINES}`,
  persistenceAgent: `ghcr.io/kubeflow/kfp-persistence-agent:${KUBEFLOW_PIPELINES}`,
  scheduler: `ghcr.io/kubeflow/kfp-scheduled-workflow-controller:${KUBEFLOW_PIPELINES}`,
  pages: `ghcr.io/kubeflow/kfp-frontend:${KUBEFLOW_PIPELINES}`,
  driver: `ghcr.io/kubeflow/kfp-driver:${KUBEFLOW_PIPELINES}`,
  launcher: `ghcr.io/kubeflow/kfp-launcher:${KUBEFLOW_PIPELINES}`,
  metadataProxy: `ghcr.io/kubeflow/kfp-metadata-envoy:${KUBEFLOW_PIPELINES}`,
  metadataStore: `gcr.io/tfx-oss-public/ml_metadata_store_server:${ML_METADATA}`,
  workflowController: `quay.io/argoproj/workflow-controller:${ARGO_WORKFLOWS}`,
  executor: `quay.io/argoproj/argoexec:${ARGO_WORKFLOWS}`,
  database: `docker.io/library/mysql:${MYSQL}`,
} as const;

export type OfficialImage = keyof typeof IMAGES;
export type OfficialImages = Readonly<Record<OfficialImage, string>>;

/**
 * References of the official images.
 * @param mirror registry that holds copies of them, under the same paths
 */
export function officialImages(mirror?: string): OfficialImages {
  if (mirror === undefined) return IMAGES;
  const copies = Object.entries(IMAGES).map(([name, reference]) => [name, reference.replace(/^[^/]+/, mirror)]);
  return Object.fromEntries(copies) as OfficialImages;
}

/** Whether a release still keeps metadata in ML Metadata; from 3.0 on its API server does that itself. */
export function needsMetadataStore(release: string): boolean {
  return Number.parseInt(release, 10) < 3;
}
