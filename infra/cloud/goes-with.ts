import type * as pulumi from "@pulumi/pulumi";

/** Kinds that stand for something outside the cluster, which stays (and is billed) when only the cluster goes. */
const HOLDS_CLOUD_RESOURCES = ["kubernetes:core/v1:Service", "kubernetes:core/v1:PersistentVolumeClaim"];

/** Kinds whose pods mount claims: Kubernetes keeps a claim for as long as a pod uses it. */
const HOLDS_CLAIMS = ["kubernetes:apps/v1:Deployment", "kubernetes:core/v1:Pod"];

/** Beginnings of the kinds that live in the cluster: its objects, and the runs of its pipelines. */
const INSIDE = ["kubernetes:", "pulumi-nodejs:dynamic/pipelines:"];

/**
 * Marks what lives in the cluster as deleted with it: a destroy then skips them, and does not need an API server
 * that is going away.
 *
 * @param additionalResources whether Kapsule deletes volumes and load balancers itself. Where it does not, Services
 *   and claims are deleted first, and the pods on claims before those, so that none of them stays behind.
 */
export function goesWith(cluster: pulumi.Resource, additionalResources: boolean): pulumi.ResourceTransformation {
  return ({ type, props, opts }) => {
    if (!INSIDE.some((beginning) => type.startsWith(beginning))) return undefined;
    if (!additionalResources && [...HOLDS_CLOUD_RESOURCES, ...HOLDS_CLAIMS].includes(type)) return undefined;
    return { props, opts: { ...opts, deletedWith: cluster } };
  };
}
