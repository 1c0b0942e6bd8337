import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { restrictedContainer, restrictedPod, requirements } from "../pods";
import { access, API_SERVER_PORTS } from "./access";
import { Account } from "./account";
import type { ArtifactStorage, ArtifactStore } from "./artifact-store";
import { ARGO_DEFINITIONS } from "./argo-definitions";
import { customResourceDefinition } from "./custom-resource-definition";
import type { OfficialImages } from "./images";
import { WORKFLOW_CONTROLLER } from "./parts";
import type { Surroundings } from "./surroundings";
import { podLabels, type User, workload } from "./workload";

export interface WorkflowControllerArgs {
  readonly surroundings: Surroundings;
  readonly images: OfficialImages;
  readonly resources: ContainerResources;
  readonly storage: ArtifactStorage;
  readonly artifacts: ArtifactStore;
  /** Class of the pods of steps, which give way to everything else. */
  readonly stepPriorityClassName: pulumi.Input<string>;
}

/** User of Argo's images. */
const ARGO_USER: User = { id: 8737, group: 8737 };

/** Argo Workflows: it turns each run into pods. */
export class WorkflowController extends pulumi.ComponentResource {
  constructor(name: string, args: WorkflowControllerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:WorkflowController", name, args, opts);
    const kinds = this.createKinds(name);
    const account = this.createAccount(name, args);
    const configuration = this.createConfiguration(name, args);
    this.createAccess(name, args);
    this.createController(name, args, account, configuration, kinds);
    this.registerOutputs();
  }

  private createKinds(name: string) {
    return ARGO_DEFINITIONS.map((definition) =>
      customResourceDefinition(`${name}-${definition.spec.names.plural}`, definition, { parent: this }),
    );
  }

  private createAccount(name: string, { surroundings: { namespace }, artifacts }: WorkflowControllerArgs) {
    const read = ["get", "list", "watch"];
    const change = ["update", "patch", "delete"];
    const withFinalizers = (kind: string) => [kind, `${kind}/finalizers`];
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: ["coordination.k8s.io"], resources: ["leases"], verbs: ["create", "get", "update"] },
      { apiGroups: [""], resources: ["pods"], verbs: ["create", ...read, ...change] },
      // How it tells a step to end.
      { apiGroups: [""], resources: ["pods/exec"], verbs: ["create"] },
      { apiGroups: [""], resources: ["configmaps"], verbs: read },
      {
        apiGroups: [""],
        resources: withFinalizers("persistentvolumeclaims"),
        verbs: ["create", "get", "update", "delete"],
      },
      { apiGroups: [""], resources: ["serviceaccounts"], verbs: ["get", "list"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: [artifacts.accessKey.name], verbs: ["get"] },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
      {
        apiGroups: ["argoproj.io"],
        resources: [
          ...["workflows", "workflowtasksets", "workflowartifactgctasks", "cronworkflows"].flatMap(withFinalizers),
          ...["workflows/status", "workflowtasksets/status", "workflowartifactgctasks/status"],
        ],
        verbs: ["create", ...read, ...change],
      },
      { apiGroups: ["argoproj.io"], resources: withFinalizers("workflowtemplates"), verbs: read },
      {
        apiGroups: ["argoproj.io"],
        resources: ["workflowtaskresults"],
        verbs: [...read, "patch", "deletecollection"],
      },
      { apiGroups: ["policy"], resources: ["poddisruptionbudgets"], verbs: ["create", "get", "delete"] },
    ];
    return new Account(`${name}-account`, { namespace, rules }, { parent: this });
  }

  private createConfiguration(name: string, args: WorkflowControllerArgs) {
    const { surroundings, storage, artifacts, stepPriorityClassName } = args;
    const artifactRepository = {
      archiveLogs: true,
      s3: {
        endpoint: new URL(storage.endpointUrl).host,
        bucket: storage.bucket,
        region: storage.region,
        insecure: false,
        keyFormat: "private-artifacts/{{workflow.namespace}}/{{workflow.name}}/{{pod.name}}",
        accessKeySecret: artifacts.accessKey,
        secretKeySecret: artifacts.secretKey,
      },
    };
    const executor = {
      imagePullPolicy: "IfNotPresent",
      resources: requirements({ cpu: "50m", memory: "128Mi" }),
      // Argo's executor writes below /tmp of the image where a template names no volume.
      securityContext: { ...restrictedContainer, readOnlyRootFilesystem: false, runAsNonRoot: true },
    };
    const workflowDefaults = {
      spec: {
        securityContext: restrictedPod,
        podPriorityClassName: stepPriorityClassName,
      },
    };
    return new k8s.core.v1.ConfigMap(
      `${name}-configuration`,
      {
        metadata: { namespace: surroundings.namespace },
        // JSON is YAML, too.
        data: {
          artifactRepository: pulumi.jsonStringify(artifactRepository),
          executor: JSON.stringify(executor),
          workflowDefaults: pulumi.jsonStringify(workflowDefaults),
        },
      },
      { parent: this },
    );
  }

  private createController(
    name: string,
    { surroundings, images, resources }: WorkflowControllerArgs,
    { accountName }: Account,
    { metadata: configuration }: k8s.core.v1.ConfigMap,
    kinds: pulumi.Resource[],
  ) {
    const health = { path: "/healthz", port: "health" };
    workload(
      `${name}-controller`,
      {
        ...{
          surroundings,
          component: WORKFLOW_CONTROLLER,
          image: images.workflowController,
          user: ARGO_USER,
          resources,
        },
        command: ["workflow-controller"],
        args: [
          pulumi.interpolate`--configmap=${configuration.name}`,
          `--executor-image=${images.executor}`,
          "--namespaced",
        ],
        env: [
          // The default of ten seconds is most of what a step costs beside its work.
          { name: "DEFAULT_REQUEUE_TIME", value: "1s" },
          {
            name: "TRANSIENT_ERROR_PATTERN",
            value: "(?i)(imminent node shutdown|node is shutting down|preempt|evict|spot|pod deleted)",
          },
          { name: "LEADER_ELECTION_IDENTITY", valueFrom: { fieldRef: { fieldPath: "metadata.name" } } },
        ],
        ports: { metrics: 9090, health: 6060 },
        probes: {
          startupProbe: { httpGet: health, periodSeconds: 5, failureThreshold: 24 },
          livenessProbe: { httpGet: health, periodSeconds: 60, timeoutSeconds: 30, failureThreshold: 3 },
        },
        serviceAccountName: accountName,
        scratch: ["/tmp"],
      },
      // It ends where a kind that it watches is not there.
      { parent: this, dependsOn: kinds },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: WorkflowControllerArgs) {
    access(
      `${name}-access`,
      { namespace, pods: podLabels(WORKFLOW_CONTROLLER), outsidePorts: API_SERVER_PORTS },
      { parent: this },
    );
  }
}
