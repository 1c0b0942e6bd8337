import { setTimeout as pause } from "node:timers/promises";
import { MERGE_PATCH } from "../../../../local/kubernetes/client";
import { answered, type HttpClient } from "../../../../local/kubernetes/http-client";
import type { Pod } from "../../../../local/kubernetes/objects";

const NODE = "stand-in";

/**
 * A node that says of every pod that it runs, and of every pod that shall end that it is gone. No image is fetched and
 * nothing runs: what is tested is whether the API server, its admission and the controllers accept it all.
 */
export class StandInNode {
  private stopped = false;

  private constructor(
    private readonly client: HttpClient,
    private readonly work: Promise<void>[] = [],
  ) {}

  static async start(client: HttpClient, labels: Readonly<Record<string, string>>): Promise<StandInNode> {
    const capacity = { cpu: "16", memory: "64Gi", "ephemeral-storage": "100Gi", pods: "100" };
    await client.json("POST", "/api/v1/nodes", { apiVersion: "v1", kind: "Node", metadata: { name: NODE, labels } });
    const now = new Date().toISOString();
    const ready = { type: "Ready", status: "True", reason: "StandIn", lastHeartbeatTime: now, lastTransitionTime: now };
    const status = { capacity, allocatable: capacity, conditions: [ready] };
    await client.json("PATCH", `/api/v1/nodes/${NODE}/status`, { status }, MERGE_PATCH);
    // The node controller takes this away as soon as it has seen the status; pods need not wait for that.
    await client.json("PATCH", `/api/v1/nodes/${NODE}`, { spec: { taints: null } }, MERGE_PATCH);
    const node = new StandInNode(client);
    node.work.push(node.run());
    return node;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await Promise.all(this.work);
  }

  private async run(): Promise<void> {
    while (!this.stopped) {
      const { items } = await this.client.json<{ items: Pod[] }>(
        "GET",
        `/api/v1/pods?fieldSelector=spec.nodeName=${NODE}`,
      );
      for (const pod of items) await this.care(pod);
      await pause(200);
    }
  }

  private async care(pod: Pod): Promise<void> {
    const { name, namespace, deletionTimestamp } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}`;
    try {
      if (deletionTimestamp) await this.client.json("DELETE", path, { gracePeriodSeconds: 0 });
      else if (pod.status?.phase === "Pending") await this.report(path);
    } catch (error) {
      // Whoever asked for its end may have been faster.
      if (!answered(error, 404, 409)) throw error;
    }
  }

  private report(path: string): Promise<unknown> {
    const lastTransitionTime = new Date().toISOString();
    const conditions = ["Ready", "ContainersReady"].map((type) => ({ type, status: "True", lastTransitionTime }));
    const status = { phase: "Running", podIP: "10.9.8.7", podIPs: [{ ip: "10.9.8.7" }], conditions };
    return this.client.json("PATCH", `${path}/status`, { status }, MERGE_PATCH);
  }
}
