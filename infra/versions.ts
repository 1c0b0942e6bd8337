/**
 * Every version of somebody else's work that the program itself names. Packages are pinned by package-lock.json,
 * the Kubernetes version of an environment is a setting, and our own images are tagged by their content.
 */

// renovate: datasource=docker depName=debian
export const DEBIAN = "docker.io/library/debian:13-slim";

// renovate: datasource=docker depName=ghcr.io/kubeflow/kfp-api-server
// Held at 2.17.0: the pipeline compiler is tested against the Python packages of this release.
export const KUBEFLOW_PIPELINES = "2.17.0";
// renovate: datasource=docker depName=quay.io/argoproj/workflow-controller
// The version that Kubeflow Pipelines 2.17 pins; the two are raised together.
export const ARGO_WORKFLOWS = "v4.0.5";
// renovate: datasource=docker depName=gcr.io/tfx-oss-public/ml_metadata_store_server
// The last version that Kubeflow Pipelines 2 was built for.
export const ML_METADATA = "1.14.0";
// renovate: datasource=docker depName=mysql
// Held at 8.4: the pipeline metadata store logs in with mysql_native_password, which 9.0 removed.
export const MYSQL = "8.4.7";
