import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { access, API_SERVER_PORTS } from "./access";
import { Account } from "./account";
import { API_SERVER, PERSISTENCE_AGENT } from "./parts";
import { GRPC_PORT, HTTP_PORT, type Surroundings } from "./surroundings";
import { accountToken, environment, KUBEFLOW_USER, namespaceVariable, podLabels, workload } from "./workload";

export interface PersistenceAgentArgs {
  readonly surroundings: Surroundings;
  readonly image: string;
  readonly resources: ContainerResources;
  readonly keepFinishedHours: number;
}

/** Carries what happens to workflows into the database; without it every run stays pending. */
export class PersistenceAgent extends pulumi.ComponentResource {
  constructor(name: string, args: PersistenceAgentArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:PersistenceAgent", name, args, opts);
    const account = this.createAccount(name, args);
    this.createAccess(name, args);
    this.createAgent(name, args, account, opts?.dependsOn);
    this.registerOutputs();
  }

  private createAccount(name: string, { surroundings: { namespace } }: PersistenceAgentArgs) {
    const watch = ["get", "list", "watch"];
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: watch },
      { apiGroups: ["kubeflow.org"], resources: ["scheduledworkflows"], verbs: watch },
      { apiGroups: ["pipelines.kubeflow.org"], resources: ["scheduledworkflows", "workflows"], verbs: ["report"] },
      { apiGroups: ["pipelines.kubeflow.org"], resources: ["runs"], verbs: ["reportMetrics", "readArtifact"] },
    ];
    return new Account(`${name}-account`, { namespace, rules }, { parent: this });
  }

  private createAgent(
    name: string,
    { surroundings, image, resources, keepFinishedHours }: PersistenceAgentArgs,
    { accountName }: Account,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    workload(
      `${name}-agent`,
      {
        ...{ surroundings, component: PERSISTENCE_AGENT, image, user: KUBEFLOW_USER, resources },
        env: [
          namespaceVariable("NAMESPACE"),
          ...environment({
            TTL_SECONDS_AFTER_WORKFLOW_FINISH: String(keepFinishedHours * 3600),
            NUM_WORKERS: "2",
            LOG_LEVEL: "info",
          }),
        ],
        // It listens on no port, and ends by itself where it cannot work.
        probes: {},
        serviceAccountName: accountName,
        mounts: [accountToken("persistenceagent-sa-token")],
        scratch: ["/tmp"],
      },
      { parent: this, dependsOn },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: PersistenceAgentArgs) {
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(PERSISTENCE_AGENT),
        calls: [HTTP_PORT, GRPC_PORT].map((port) => ({ pods: podLabels(API_SERVER), port })),
        outsidePorts: API_SERVER_PORTS,
      },
      { parent: this },
    );
  }
}
