import type { HttpClient } from "../../../../local/kubernetes/http-client";
import { MERGE_PATCH } from "../../../../local/kubernetes/client";
import type { Pod } from "../../../../local/kubernetes/objects";

export const PODS = "/api/v1/namespaces/default/pods";
export const GPU_TOLERATION = { key: "nvidia.com/gpu", operator: "Exists" };

export interface Workload {
  readonly requests: Readonly<Record<string, string>>;
  readonly tolerations?: readonly object[];
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
}

function podSpec({ requests, tolerations, nodeSelector }: Workload) {
  // Extended resources are given as limits; cpu and memory may be requests alone.
  const resources = {
    requests,
    limits: Object.fromEntries(Object.entries(requests).filter(([name]) => name.includes("/"))),
  };
  return {
    containers: [{ name: "main", image: "none", resources }],
    tolerations,
    nodeSelector,
    terminationGracePeriodSeconds: 0,
  };
}

export async function createJob(client: HttpClient, name: string, workload: Workload): Promise<void> {
  const template = { metadata: { labels: workload.labels }, spec: { ...podSpec(workload), restartPolicy: "Never" } };
  const job = { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { backoffLimit: 6, template } };
  await client.json("POST", "/apis/batch/v1/namespaces/default/jobs", job);
}

export async function createDeployment(
  client: HttpClient,
  name: string,
  replicas: number,
  workload: Workload,
): Promise<void> {
  const labels = { app: name };
  const deployment = {
    apiVersion: "apps/v1",
    kind: "Deployment",
    metadata: { name },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec: podSpec(workload) } },
  };
  await client.json("POST", "/apis/apps/v1/namespaces/default/deployments", deployment);
}

/** Pods whose name starts with the name of their owner. */
export async function podsOf(client: HttpClient, owner: string): Promise<Pod[]> {
  const { items } = await client.json<{ items: Pod[] }>("GET", PODS);
  return items.filter(({ metadata }) => metadata.name.startsWith(owner));
}

/** Does what a kubelet would do: says that the pod runs, or how it ended. */
export async function report(client: HttpClient, pod: Pod, phase: "Running" | "Succeeded"): Promise<void> {
  const now = new Date().toISOString();
  const conditions = [{ type: "Ready", status: phase === "Running" ? "True" : "False", lastTransitionTime: now }];
  await client.json("PATCH", `${PODS}/${pod.metadata.name}/status`, { status: { phase, conditions } }, MERGE_PATCH);
}

interface Event {
  readonly reason: string;
  readonly message: string;
  readonly involvedObject: { readonly kind: string; readonly name: string };
}

export async function eventsOf(client: HttpClient, kind: string, name: string): Promise<Event[]> {
  const { items } = await client.json<{ items: Event[] }>("GET", "/api/v1/events");
  return items.filter(({ involvedObject }) => involvedObject.kind === kind && involvedObject.name.startsWith(name));
}
