import * as pulumi from "@pulumi/pulumi";
import { Kubeflow, type KubeflowArgs } from "../../infra/platform/kubeflow/kubeflow";
import { kubeflow as schema, type KubeflowSettings } from "../../infra/settings/kubeflow";
import { deploy, type Deployment, type Registration } from "./deploy";
import { settingsOf } from "./settings";

/** Settings of a backend as a stack file would give them. */
export function backend(raw: Readonly<Record<string, unknown>>): KubeflowSettings {
  return schema.parse(raw);
}

/** The component's surroundings, without the rest of the platform. */
export function surroundings(settings: KubeflowSettings): KubeflowArgs {
  return {
    settings,
    namespace: "recommenders",
    priorityClassName: "serving",
    stepPriorityClassName: "training",
    nodeSelector: { "recommender/pool": "cpu" },
    compactImage: "rg.fr-par.scw.cloud/images/pipelines-backend:1",
    pullSecretName: "pulls",
    claimName: "nfs",
    storage: {
      bucket: "artifacts",
      region: "fr-par",
      endpointUrl: "https://s3.fr-par.scw.cloud",
      credentials: { accessKey: pulumi.output("SCWKEY"), secretKey: pulumi.secret("hush") },
    },
    project: settingsOf("dev").project,
    privateNetworkId: "fr-par/network",
  };
}

/** Everything that the component registers. */
export function deployKubeflow(raw: Readonly<Record<string, unknown>>): Promise<Deployment<Kubeflow>> {
  return deploy(() => new Kubeflow("kubeflow", surroundings(backend(raw))));
}

/** A Kubernetes object as the provider would send it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- manifests of every kind
export type Manifest = any;

/** The objects of the cluster in the order in which they were registered. */
export function manifests({ resources }: Deployment<unknown>): Manifest[] {
  return resources.filter(({ type }) => type.startsWith("kubernetes:")).map(manifest);
}

/** A registration as an object, with the name that it would draw. */
function manifest({ inputs, name }: Registration): Manifest {
  const { metadata, ...rest } = inputs as { metadata?: object };
  return { ...rest, metadata: { name: `${name}-01234567`, ...metadata } } as Manifest;
}
