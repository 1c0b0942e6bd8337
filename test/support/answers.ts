import type { MockResourceArgs } from "@pulumi/pulumi/runtime/mocks";

type Answer = (args: MockResourceArgs) => Record<string, unknown>;

const echo: Answer = ({ inputs }) => inputs as Record<string, unknown>;
const named: Answer = ({ inputs, name }) => ({ name: `${name}-0123456`, ...(inputs as object) });
/** Kubernetes: a name is drawn where none is given. */
const object: Answer = ({ inputs, name }) => {
  const { metadata, ...rest } = inputs as { metadata?: object };
  return { ...rest, metadata: { name: `${name}-01234567`, ...metadata } };
};
/** Kubernetes, with the UID by which others know the object. */
const identified: Answer = (args) => {
  const { metadata, ...rest } = object(args);
  return { ...rest, metadata: { ...(metadata as object), uid: `uid of ${args.name}` } };
};

/** What the providers answer, by kind; whatever is missing here is refused. */
const known: Readonly<Record<string, Answer>> = {
  "scaleway:registry/namespace:Namespace": (args) => {
    const { region, name } = args.inputs as { region: string; name: string };
    return { ...echo(args), endpoint: `rg.${region}.scw.cloud/${name}` };
  },
  "scaleway:object/bucket:Bucket": echo,
  "scaleway:object/item:Item": echo,
  "scaleway:iam/application:Application": named,
  "scaleway:iam/policy:Policy": named,
  "scaleway:iam/apiKey:ApiKey": (args) => ({
    ...echo(args),
    accessKey: "SCW00000000000000000",
    secretKey: `secret of ${args.name}`,
  }),
  "scaleway:secrets/secret:Secret": named,
  "scaleway:secrets/version:Version": echo,
  "scaleway:network/vpc:Vpc": named,
  "scaleway:network/privateNetwork:PrivateNetwork": named,
  "scaleway:kubernetes/cluster:Cluster": (args) => ({
    ...named(args),
    kubeconfigs: [{ configFile: "kubeconfig of the cluster", host: "", token: "", clusterCaCertificate: "" }],
  }),
  "scaleway:kubernetes/acl:Acl": echo,
  "scaleway:kubernetes/pool:Pool": named,
  "pulumi:providers:kubernetes": echo,
  "kubernetes:core/v1:Namespace": object,
  "kubernetes:core/v1:Secret": object,
  "kubernetes:core/v1:Pod": object,
  "kubernetes:core/v1:LimitRange": object,
  "kubernetes:core/v1:ResourceQuota": object,
  "kubernetes:core/v1:PersistentVolume": object,
  "kubernetes:core/v1:PersistentVolumeClaim": object,
  "kubernetes:core/v1:Service": (args) => {
    const { spec, ...rest } = object(args);
    return {
      ...rest,
      spec: { clusterIP: "10.32.0.99", ...(spec as object) },
      status: { loadBalancer: { ingress: [{ ip: "203.0.113.7" }] } },
    };
  },
  "kubernetes:apps/v1:Deployment": object,
  "kubernetes:batch/v1:Job": object,
  "kubernetes:networking.k8s.io/v1:NetworkPolicy": object,
  "kubernetes:policy/v1:PodDisruptionBudget": object,
  "kubernetes:scheduling.k8s.io/v1:PriorityClass": object,
  "kubernetes:core/v1:ConfigMap": object,
  "kubernetes:core/v1:ServiceAccount": object,
  "kubernetes:rbac.authorization.k8s.io/v1:Role": object,
  "kubernetes:rbac.authorization.k8s.io/v1:RoleBinding": object,
  "kubernetes:apiextensions.k8s.io/v1:CustomResourceDefinition": object,
  "kubernetes:admissionregistration.k8s.io/v1:MutatingWebhookConfiguration": object,
  "kubernetes:admissionregistration.k8s.io/v1:ValidatingWebhookConfiguration": object,
  "random:index/randomPassword:RandomPassword": (args) => ({ ...echo(args), result: `password ${args.name}` }),
  "scaleway:databases/instance:Instance": (args) => ({
    ...named(args),
    privateNetwork: { ip: "172.16.0.9", port: 3306, ...(args.inputs as { privateNetwork?: object }).privateNetwork },
  }),
  "scaleway:databases/database:Database": named,
  "scaleway:databases/privilege:Privilege": echo,
  "kubernetes:pipelines.kubeflow.org/v2beta1:Pipeline": identified,
  "kubernetes:pipelines.kubeflow.org/v2beta1:PipelineVersion": identified,
  "pulumi-nodejs:dynamic/pipelines:Experiment": echo,
  "pulumi-nodejs:dynamic/pipelines:Run": (args) => ({
    ...echo(args),
    runId: `${args.name}-id`,
    outputs: {},
    metrics: {},
  }),
  "pulumi-nodejs:dynamic/pipelines:RecurringRun": echo,
  "pulumi-nodejs:dynamic/pipelines:Retention": echo,
};

/** State of a new resource. @throws for a kind that nobody described */
export function answers(args: MockResourceArgs): Record<string, unknown> {
  if (!args.custom) return {};
  const answer = known[args.type];
  if (!answer) throw new Error(`The program makes a ${args.type} (${args.name}), which no test has described.`);
  return answer(args);
}
