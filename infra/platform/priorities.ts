import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";

/**
 * Who gives way when a cluster is full: training waits, serving and storage displace it.
 * All values lie above the autoscaler's cutoff of -10, below which a waiting pod starts no node.
 */
export class Priorities extends pulumi.ComponentResource {
  /** Name of the class for storage that others depend on. */
  readonly storage: pulumi.Output<string>;
  /** Name of the class for what answers people. */
  readonly serving: pulumi.Output<string>;
  /** Name of the class for steps of pipelines; they displace nobody. */
  readonly training: pulumi.Output<string>;

  constructor(name: string, args: Record<string, never>, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:Priorities", name, args, opts);
    this.storage = this.createClass(name, "storage", 100_000);
    this.serving = this.createClass(name, "serving", 10_000);
    this.training = this.createClass(name, "training", 1_000, "Never");
    this.registerOutputs({ storage: this.storage, serving: this.serving, training: this.training });
  }

  private createClass(name: string, role: string, value: number, preemptionPolicy = "PreemptLowerPriority") {
    const made = new k8s.scheduling.v1.PriorityClass(
      `${name}-${role}`,
      { value, preemptionPolicy, description: `The recommender platform's ${role}` },
      { parent: this },
    );
    return made.metadata.name;
  }
}
