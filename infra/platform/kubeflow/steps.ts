import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { access, API_SERVER_PORTS, HTTPS_PORT } from "./access";
import { Account } from "./account";
import type { ArtifactStorage, ArtifactStore } from "./artifact-store";
import { GRPC_PORT, HTTP_PORT, STEP_LABELS } from "./surroundings";
import { API_SERVER, METADATA_PORT, METADATA_STORE } from "./parts";
import { podLabels } from "./workload";

export interface StepsArgs {
  readonly namespace: pulumi.Input<string>;
  readonly storage: ArtifactStorage;
  readonly artifacts: ArtifactStore;
  readonly pullSecretName: pulumi.Input<string>;
}

/** Account of every step: a name that the API server is configured with, and that pipelines may state. */
export const RUNNER = "pipeline-runner";

/** What the pods of a run are and may: their account, their traffic, and how they reach the bucket. */
export class Steps extends pulumi.ComponentResource {
  constructor(name: string, args: StepsArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Steps", name, args, opts);
    this.createRunner(name, args);
    this.createLauncherConfiguration(name, args);
    this.createAccess(name, args);
    this.registerOutputs();
  }

  private createRunner(name: string, { namespace, artifacts, pullSecretName }: StepsArgs) {
    // Far less than upstream's, which may do anything to pods, Services, Deployments and Jobs of the namespace.
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: [""], resources: ["configmaps"], resourceNames: ["kfp-launcher"], verbs: ["get"] },
      { apiGroups: [""], resources: ["secrets"], resourceNames: [artifacts.accessKey.name], verbs: ["get"] },
      // The driver looks for the pod of a task, and makes and deletes claims where a pipeline says so.
      { apiGroups: [""], resources: ["pods"], verbs: ["get", "list", "watch"] },
      { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list", "create", "delete"] },
      { apiGroups: ["argoproj.io"], resources: ["workflowtaskresults"], verbs: ["create", "patch"] },
    ];
    new Account(
      `${name}-runner`,
      { namespace, rules, accountName: RUNNER, pullSecretNames: [pullSecretName], givesToken: true },
      { parent: this },
    );
  }

  private createLauncherConfiguration(name: string, { namespace, storage, artifacts }: StepsArgs) {
    const { region, endpointUrl } = storage;
    const { accessKey, secretKey } = artifacts;
    const providers = pulumi.jsonStringify({
      s3: {
        default: {
          endpoint: new URL(endpointUrl).host,
          region,
          disableSSL: false,
          forcePathStyle: true,
          credentials: {
            fromEnv: false,
            secretRef: { secretName: accessKey.name, accessKeyKey: accessKey.key, secretKeyKey: secretKey.key },
          },
        },
      },
    });
    return new k8s.core.v1.ConfigMap(
      `${name}-launcher`,
      // Driver and launcher look for this name in the namespace of the run; JSON is YAML, too.
      {
        metadata: { namespace, name: "kfp-launcher" },
        data: { defaultPipelineRoot: artifacts.pipelineRoot, providers },
      },
      { parent: this },
    );
  }

  private createAccess(name: string, { namespace }: StepsArgs) {
    const apiServer = podLabels(API_SERVER);
    access(
      `${name}-access`,
      {
        namespace,
        pods: STEP_LABELS,
        calls: [
          { pods: apiServer, port: HTTP_PORT },
          { pods: apiServer, port: GRPC_PORT },
          { pods: podLabels(METADATA_STORE), port: METADATA_PORT },
        ],
        outsidePorts: [...new Set([...API_SERVER_PORTS, HTTPS_PORT])],
      },
      { parent: this },
    );
  }
}
