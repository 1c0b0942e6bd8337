import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Definition } from "./definition";

/** Installs a kind; ready once the API server serves it. */
export function customResourceDefinition(
  name: string,
  { metadata, spec }: Definition,
  opts: pulumi.CustomResourceOptions,
): k8s.apiextensions.v1.CustomResourceDefinition {
  // The SDK spells x-kubernetes-… with underscores; the provider takes both, and the data stay what Kubernetes reads.
  const written = spec as unknown as k8s.types.input.apiextensions.v1.CustomResourceDefinitionSpec;
  return new k8s.apiextensions.v1.CustomResourceDefinition(name, { metadata, spec: written }, opts);
}
