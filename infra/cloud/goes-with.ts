import type * as pulumi from "@pulumi/pulumi";

/** Kinds that stand for something outside the cluster, which stays (and is billed) when only the cluster goes. */
const HOLDS_CLOUD_RESOURCES = ["kubernetes:core/v1:Service", "kubernetes:core/v1:PersistentVolumeClaim"];

/**
 * Marks Kubernetes resources as deleted with their cluster: a destroy then skips them, and does not need an API server
 * that is going away.
 *
 * @param additionalResources whether Kapsule deletes volumes and load balancers itself. Where it does not, Services
 *   and claims are deleted first, so that none of them stays behind.
 */
export function goesWith(cluster: pulumi.Resource, additionalResources: boolean): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!type.startsWith("kubernetes:")) return undefined;
    if (!additionalResources && HOLDS_CLOUD_RESOURCES.includes(type)) return undefined;
    return { props, opts: { ...opts, deletedWith: cluster } };
  };
}
