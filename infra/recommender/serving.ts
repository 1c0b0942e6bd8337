import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import { tagMap } from "../cloud/tags";
import { labels } from "../platform/labels";
import { placement, requirements, restrictedContainer, restrictedPod, scratch } from "../platform/pods";
import type { Project } from "../settings/project";
import type { ServingSettings } from "../settings/serving";

export interface ServingArgs extends ServingSettings {
  readonly namespace: pulumi.Input<string>;
  /** Name of the recommender; it is the Service's name, too, and so part of its address in the cluster. */
  readonly recommender: string;
  readonly image: pulumi.Input<string>;
  readonly pool: string;
  /** Bucket of the models, as `s3://<bucket>`; the recommender's current one is followed. */
  readonly models: pulumi.Input<string>;
  readonly modelsBucketId: pulumi.Input<string>;
  readonly project: Project;
  /** Secret with the AWS_* variables of an identity that may read them. */
  readonly storageSecretName: pulumi.Input<string>;
  /** Access key in that Secret: another one starts the pods anew. */
  readonly storageAccessKey: pulumi.Input<string>;
  readonly pullSecretName: pulumi.Input<string>;
  readonly priorityClassName: pulumi.Input<string>;
}

const CONTAINER_PORT = 8080;
const SERVICE_PORT = 80;
const HTTPS_PORT = 443;
/** Filled in by Scaleway's cloud controller; it is not ours to change. */
const LOAD_BALANCER_ID = 'metadata.annotations["service.beta.kubernetes.io/scw-loadbalancer-id"]';

/**
 * Pods that answer requests with a trained model, behind one address. An update starts a new pod before it ends an old
 * one, and the old one answers until nobody sends to it any more.
 */
export class Serving extends pulumi.ComponentResource {
  /** Address, known once a pod has loaded the model and answers. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: ServingArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Serving", name, args, opts);
    const selector = labels(args.recommender, "serving");
    this.createAccess(name, args, selector);
    // What a component waits for, its children do not by themselves.
    const deployment = this.createDeployment(name, args, selector, opts?.dependsOn);
    this.createDisruptionBudget(name, args, selector);
    if (args.modelVersion !== undefined) this.createPin(name, args, args.modelVersion);
    const service = this.createService(name, args, selector, deployment);
    this.url = urlOf(args, service);
    this.registerOutputs({ url: this.url });
  }

  private createAccess(name: string, { namespace }: ServingArgs, matchLabels: Record<string, string>) {
    new k8s.networking.v1.NetworkPolicy(
      `${name}-access`,
      {
        metadata: { namespace },
        spec: {
          podSelector: { matchLabels },
          policyTypes: ["Ingress", "Egress"],
          // Load balancers and kubelets come from the nodes' addresses, so no source can be named.
          ingress: [{ ports: [{ protocol: "TCP", port: CONTAINER_PORT }] }],
          // Object storage has many addresses; the port is what can be told.
          egress: [{ ports: [{ protocol: "TCP", port: HTTPS_PORT }] }],
        },
      },
      { parent: this },
    );
  }

  private createDeployment(
    name: string,
    args: ServingArgs,
    matchLabels: Record<string, string>,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    const { namespace, replicas } = args;
    return new k8s.apps.v1.Deployment(
      `${name}-deployment`,
      {
        metadata: { namespace, labels: matchLabels },
        spec: {
          replicas,
          strategy: { type: "RollingUpdate", rollingUpdate: { maxUnavailable: 0, maxSurge: 1 } },
          selector: { matchLabels },
          template: {
            metadata: {
              labels: matchLabels,
              annotations: {
                "cluster-autoscaler.kubernetes.io/safe-to-evict-local-volumes": scratch.volume.name,
                "recommender/models-key": args.storageAccessKey,
              },
            },
            spec: podSpec(args, matchLabels),
          },
        },
      },
      { parent: this, dependsOn },
    );
  }

  private createDisruptionBudget(name: string, { namespace }: ServingArgs, matchLabels: Record<string, string>) {
    new k8s.policy.v1.PodDisruptionBudget(
      `${name}-disruption-budget`,
      { metadata: { namespace }, spec: { maxUnavailable: 1, selector: { matchLabels } } },
      { parent: this },
    );
  }

  /** Tells the steps that publish that this version stays, however many come after it. */
  private createPin(name: string, { recommender, modelsBucketId, project }: ServingArgs, version: string) {
    new scaleway.object.Item(
      `${name}-pin`,
      {
        bucket: modelsBucketId,
        projectId: project.projectId,
        region: project.region,
        key: `${recommender}/${version}/pinned`,
        content: "A serving is pinned to this version.\n",
        tags: tagMap(),
      },
      { parent: this },
    );
  }

  private createService(
    name: string,
    { namespace, recommender, exposure }: ServingArgs,
    selector: Record<string, string>,
    deployment: k8s.apps.v1.Deployment,
  ) {
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { namespace, name: recommender, labels: selector },
        spec: { type: exposure, selector, ports: [{ name: "http", port: SERVICE_PORT, targetPort: "http" }] },
      },
      // The address is handed out once somebody answers there.
      { parent: this, dependsOn: [deployment], ignoreChanges: exposure === "LoadBalancer" ? [LOAD_BALANCER_ID] : [] },
    );
  }
}

function podSpec(args: ServingArgs, matchLabels: Record<string, string>): k8s.types.input.core.v1.PodSpec {
  return {
    ...placement(args.pool, false),
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: [{ name: args.pullSecretName }],
    priorityClassName: args.priorityClassName,
    securityContext: restrictedPod,
    topologySpreadConstraints: [
      {
        maxSkew: 1,
        topologyKey: "kubernetes.io/hostname",
        whenUnsatisfiable: "ScheduleAnyway",
        labelSelector: { matchLabels },
      },
    ],
    terminationGracePeriodSeconds: 30,
    containers: [
      {
        name: "serving",
        image: args.image,
        env: [
          { name: "PORT", value: String(CONTAINER_PORT) },
          { name: "RECOMMENDER", value: args.recommender },
          { name: "MODELS", value: args.models },
          ...(args.modelVersion === undefined ? [] : [{ name: "MODEL_VERSION", value: args.modelVersion }]),
        ],
        envFrom: [{ secretRef: { name: args.storageSecretName } }],
        ports: [{ name: "http", containerPort: CONTAINER_PORT }],
        startupProbe: { httpGet: { path: "/v2/health/live", port: "http" }, periodSeconds: 1, failureThreshold: 60 },
        readinessProbe: { httpGet: { path: "/v2/health/ready", port: "http" }, periodSeconds: 2, failureThreshold: 2 },
        livenessProbe: { httpGet: { path: "/v2/health/live", port: "http" }, periodSeconds: 10, failureThreshold: 3 },
        // Load balancers learn of the end of a pod a little later than the pod itself.
        lifecycle: { preStop: { sleep: { seconds: 5 } } },
        resources: requirements(args.resources),
        securityContext: restrictedContainer,
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMounts: [scratch.mount],
      },
    ],
    volumes: [scratch.volume],
  };
}

function urlOf({ namespace, exposure }: ServingArgs, service: k8s.core.v1.Service): pulumi.Output<string> {
  if (exposure === "ClusterIP")
    return pulumi.interpolate`http://${service.metadata.name}.${namespace}.svc.cluster.local`;
  return service.status.apply((status) => {
    // A deploy of a part of the stack (--target) leaves the Service out, and then it has no status.
    const address = (status as typeof status | undefined)?.loadBalancer?.ingress?.[0];
    return address ? `http://${address.ip ?? address.hostname}` : "";
  });
}
