import type * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { ContainerResources } from "../../settings/fields";
import { access, API_SERVER_PORTS } from "./access";
import { Account } from "./account";
import { API_SERVER, SCHEDULER } from "./parts";
import { GRPC_PORT, HTTP_PORT, type Surroundings } from "./surroundings";
import { accountToken, environment, KUBEFLOW_USER, namespaceVariable, podLabels, workload } from "./workload";

export interface SchedulerArgs {
  readonly surroundings: Surroundings;
  readonly image: string;
  readonly resources: ContainerResources;
  readonly timeZone: string;
}

/** Starts the runs of recurring runs when their time has come. */
export class Scheduler extends pulumi.ComponentResource {
  constructor(name: string, args: SchedulerArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Scheduler", name, args, opts);
    const account = this.createAccount(name, args);
    this.createAccess(name, args);
    this.createController(name, args, account, opts?.dependsOn);
    this.registerOutputs();
  }

  private createAccount(name: string, { surroundings: { namespace } }: SchedulerArgs) {
    const all = ["create", "get", "list", "watch", "update", "patch", "delete"];
    const rules: k8s.types.input.rbac.v1.PolicyRule[] = [
      { apiGroups: ["argoproj.io"], resources: ["workflows"], verbs: all },
      {
        apiGroups: ["kubeflow.org"],
        resources: ["scheduledworkflows", "scheduledworkflows/finalizers"],
        verbs: all,
      },
      { apiGroups: ["pipelines.kubeflow.org"], resources: ["runs"], verbs: ["create"] },
      { apiGroups: ["pipelines.kubeflow.org"], resources: ["pipelines"], verbs: ["get"] },
      { apiGroups: [""], resources: ["events"], verbs: ["create", "patch"] },
    ];
    return new Account(`${name}-account`, { namespace, rules }, { parent: this });
  }

  private createController(
    name: string,
    { surroundings, image, resources, timeZone }: SchedulerArgs,
    { accountName }: Account,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    workload(
      `${name}-controller`,
      {
        // Two of them would start every run twice.
        ...{ surroundings, component: SCHEDULER, image, user: KUBEFLOW_USER, resources, alone: true },
        env: [namespaceVariable("NAMESPACE"), ...environment({ CRON_SCHEDULE_TIMEZONE: timeZone, LOG_LEVEL: "info" })],
        // It listens on no port that tells its health, and ends by itself where it cannot work.
        probes: {},
        serviceAccountName: accountName,
        mounts: [accountToken("scheduledworkflow-sa-token")],
        scratch: ["/tmp"],
      },
      { parent: this, dependsOn },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: SchedulerArgs) {
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(SCHEDULER),
        calls: [HTTP_PORT, GRPC_PORT].map((port) => ({ pods: podLabels(API_SERVER), port })),
        outsidePorts: API_SERVER_PORTS,
      },
      { parent: this },
    );
  }
}
