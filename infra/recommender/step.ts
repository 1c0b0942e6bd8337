import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { labels } from "../platform/labels";
import { placement, requirements, restrictedContainer, restrictedPod, scratch, shared } from "../platform/pods";
import type { ContainerResources } from "../settings/fields";

export interface StepArgs {
  readonly namespace: pulumi.Input<string>;
  /** Name of the Job. A Job cannot change once created: another one is made, and runs, under another name. */
  readonly jobName: string;
  readonly recommender: string;
  /** The task, as label and as name of the container. */
  readonly task: string;
  readonly image: pulumi.Input<string>;
  readonly args: readonly string[];
  readonly pool: string;
  readonly gpus: number;
  readonly resources: ContainerResources;
  readonly claimName: pulumi.Input<string>;
  readonly pullSecretName: pulumi.Input<string>;
  readonly priorityClassName: pulumi.Input<string>;
  /** Secret whose entries become environment variables; none by default. */
  readonly environmentSecretName?: pulumi.Input<string>;
  /** Time for the whole step in minutes, the start of its node included. */
  readonly timeoutMinutes: number;
}

/**
 * One step of a pipeline as a Job that Pulumi waits for. A failed step fails the deploy with the last line it logged;
 * the next deploy runs it again.
 */
export class Step extends pulumi.ComponentResource {
  /** Name of the Job, known once it has succeeded. */
  readonly jobName: pulumi.Output<string>;

  constructor(name: string, args: StepArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:recommender:Step", name, args, opts);
    const minutes = args.timeoutMinutes;
    const job = new k8s.batch.v1.Job(
      `${name}-job`,
      {
        metadata: {
          namespace: args.namespace,
          name: args.jobName,
          labels: labels(args.recommender, args.task),
          // Without it the next deploy waits again for the Job that has failed, and fails again.
          annotations: { "pulumi.com/replaceUnready": "true" },
        },
        spec: {
          backoffLimit: 2,
          activeDeadlineSeconds: minutes * 60,
          podFailurePolicy: {
            rules: [
              // A node that goes is no fault of the step.
              { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget" }] },
              // By 1 the step says that its input is wrong: the same input would be wrong again.
              { action: "FailJob", onExitCodes: { containerName: args.task, operator: "In", values: [1] } },
            ],
          },
          template: { metadata: podMetadata(args), spec: podSpec(args) },
        },
      },
      {
        parent: this,
        // What a component waits for, its children do not by themselves.
        dependsOn: opts?.dependsOn,
        // Back to earlier data means back to an earlier name: a Job of it that still waits for its deletion would be taken
        // for the new one.
        deleteBeforeReplace: true,
        customTimeouts: { create: `${minutes + 5}m`, update: `${minutes + 5}m` },
      },
    );
    this.jobName = job.metadata.name;
    this.registerOutputs({ jobName: this.jobName });
  }
}

function podMetadata({ recommender, task }: StepArgs): k8s.types.input.meta.v1.ObjectMeta {
  return {
    labels: labels(recommender, task),
    // The autoscaler would otherwise move a step that has worked for an hour to tidy up a node.
    annotations: { "cluster-autoscaler.kubernetes.io/safe-to-evict": "false" },
  };
}

function podSpec(args: StepArgs): k8s.types.input.core.v1.PodSpec {
  const volume = shared(args.claimName);
  return {
    ...placement(args.pool, args.gpus > 0),
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    imagePullSecrets: [{ name: args.pullSecretName }],
    priorityClassName: args.priorityClassName,
    securityContext: restrictedPod,
    containers: [
      {
        name: args.task,
        image: args.image,
        args: [...args.args],
        env: [{ name: "NODE_NAME", valueFrom: { fieldRef: { fieldPath: "spec.nodeName" } } }],
        envFrom: args.environmentSecretName ? [{ secretRef: { name: args.environmentSecretName } }] : [],
        resources: requirements(args.resources, args.gpus),
        securityContext: restrictedContainer,
        terminationMessagePolicy: "FallbackToLogsOnError",
        volumeMounts: [volume.mount, scratch.mount],
      },
    ],
    volumes: [volume.volume, scratch.volume],
  };
}
