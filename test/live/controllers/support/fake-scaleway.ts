import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ApiNode, ApiPool } from "../../../../local/kapsule/controllers/autoscaler/scaleway-pools";
import { answered, type HttpClient } from "../../../../local/kubernetes/http-client";

export interface Call {
  readonly method: string;
  readonly path: string;
  readonly token: string | undefined;
  readonly body: Record<string, unknown>;
}

type Stored = Record<string, unknown> & { readonly id: string; readonly name: string };

const GIB = 2 ** 30;

export function pool(name: string, fields: Partial<ApiPool> = {}): ApiPool {
  const gpus = fields.capacity?.["nvidia.com/gpu"] ?? 0;
  const capacity = { cpu: 4, memory: 16 * GIB, "ephemeral-storage": 20 * GIB, pods: 110, ...fields.capacity };
  return {
    id: randomUUID(),
    name,
    status: "ready",
    node_type: gpus > 0 ? "l4_1_24g" : "pro2_xs",
    autoscaling: true,
    size: 0,
    min_size: 0,
    max_size: 2,
    zone: "fr-par-1",
    node_price_per_hour: gpus > 0 ? 0.7875 : 0.1122,
    taints: {},
    labels: {},
    allocatable: capacity,
    ...fields,
    capacity,
  };
}

/**
 * Stands for the Scaleway API of one cluster and for its machines: a pool that grows makes Kubernetes Node objects that
 * are Ready at once, a node that is deleted takes its pods with it.
 */
export class FakeScaleway {
  readonly calls: Call[] = [];
  readonly pools: ApiPool[];
  nodes: ApiNode[] = [];
  readonly volumes = new Map<string, Stored>();
  readonly loadBalancers = new Map<string, Stored>();
  /** Answer of the next calls whose "METHOD path" contains the text. */
  fault: { readonly match: string; readonly status: number; readonly body: unknown } | undefined;
  /** What a new node's status becomes; creation_error makes no Kubernetes node. */
  nodeStatus = "ready";
  private readonly server: Server;

  constructor(
    private readonly kubernetes: HttpClient,
    readonly clusterId: string,
    pools: readonly ApiPool[],
  ) {
    this.pools = [...pools];
    this.server = createServer((request, response) => void this.answer(request, response));
  }

  async listen(): Promise<string> {
    await new Promise<void>((done) => this.server.listen(0, "127.0.0.1", done));
    for (const { id, size } of this.pools) await this.fill(id, size);
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.server.close();
    this.server.closeAllConnections();
  }

  pool(name: string): ApiPool {
    const found = this.pools.find((one) => one.name === name);
    if (!found) throw new Error(`The test made no pool "${name}".`);
    return found;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let text = "";
    for await (const chunk of request) text += String(chunk);
    const path = request.url ?? "";
    const token = request.headers["x-auth-token"];
    const body = (text ? JSON.parse(text) : {}) as Record<string, unknown>;
    const method = request.method ?? "";
    this.calls.push({ method, path, token: typeof token === "string" ? token : undefined, body });
    const hit = this.fault && `${method} ${path}`.includes(this.fault.match) ? this.fault : undefined;
    const { status, value } = hit ? { status: hit.status, value: hit.body } : await this.handle(method, path, body);
    response.writeHead(status, { "content-type": "application/json", "cache-control": "max-age=1" });
    response.end(value === undefined ? undefined : JSON.stringify(value));
  }

  private async handle(
    method: string,
    url: string,
    body: Record<string, unknown>,
  ): Promise<{ status: number; value?: unknown }> {
    const { pathname, searchParams } = new URL(url, "http://fake");
    const [, product, , , , kind, id, list] = pathname.split("/");
    if (kind === "autoscaler") return this.autoscaler(method, pathname.split("/").slice(6), body);
    if (product === "block" && kind === "volumes")
      return stored(this.volumes, "volumes", method, id, body, searchParams);
    if (product === "lb" && kind === "lbs") return stored(this.loadBalancers, "lbs", method, id, body, searchParams);
    return { status: 501, value: { message: `${method} ${url} ${list ?? ""} is not part of this fake.` } };
  }

  private async autoscaler(
    method: string,
    [kind, id = "", list]: readonly string[],
    body: Record<string, unknown>,
  ): Promise<{ status: number; value?: unknown }> {
    if (list === "pools") return { status: 200, value: { pools: this.pools, total_count: this.pools.length } };
    if (list === "nodes") return { status: 200, value: { nodes: this.nodes, total_count: this.nodes.length } };
    if (method === "PATCH" && kind === "pools") {
      await this.fill(id, Number(body["size"]));
      return { status: 200, value: this.pools.find((one) => one.id === id) };
    }
    const node = this.nodes.find((one) => one.id === id);
    if (method !== "DELETE" || kind !== "nodes" || !node)
      return { status: 404, value: { message: "resource is not found" } };
    await this.takeAway(node);
    return { status: 200, value: { ...node, status: "deleting" } };
  }

  private async fill(poolId: string, size: number): Promise<void> {
    const index = this.pools.findIndex(({ id }) => id === poolId);
    const grown = this.pools[index];
    if (!grown) return;
    this.pools[index] = { ...grown, size };
    for (let count = this.nodes.filter(({ pool_id }) => pool_id === poolId).length; count < size; count++)
      await this.makeNode(grown);
  }

  private async makeNode({
    id,
    name,
    zone,
    labels,
    taints = {},
    capacity = {},
    allocatable = {},
  }: ApiPool): Promise<void> {
    const nodeId = randomUUID();
    const node: ApiNode = {
      id: nodeId,
      pool_id: id,
      name: `scw-test-${name}-${nodeId.slice(0, 8)}`,
      provider_id: `scaleway://instance/${zone}/${nodeId}`,
      status: this.nodeStatus,
      created_at: new Date().toISOString(),
    };
    this.nodes.push(node);
    if (this.nodeStatus === "creation_error") return;
    const text = (amounts: Readonly<Record<string, number>>) =>
      Object.fromEntries(Object.entries(amounts).map(([key, value]) => [key, String(value)]));
    const parts = Object.entries(taints).map(([key, value]) => ({
      key,
      value: value.split(":")[0],
      effect: value.split(":")[1],
    }));
    const created = {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name: node.name, labels: { "kubernetes.io/hostname": node.name, ...labels } },
      spec: { providerID: node.provider_id, taints: parts },
    };
    await this.kubernetes.json("POST", "/api/v1/nodes", created);
    const now = new Date().toISOString();
    const ready = {
      type: "Ready",
      status: "True",
      reason: "KubeletReady",
      message: "",
      lastHeartbeatTime: now,
      lastTransitionTime: now,
    };
    const status = { status: { capacity: text(capacity), allocatable: text(allocatable), conditions: [ready] } };
    await this.kubernetes.json("PATCH", `/api/v1/nodes/${node.name}/status`, status, "application/merge-patch+json");
  }

  private async takeAway(node: ApiNode): Promise<void> {
    this.nodes = this.nodes.filter(({ id }) => id !== node.id);
    const index = this.pools.findIndex(({ id }) => id === node.pool_id);
    const shrunk = this.pools[index];
    if (shrunk) this.pools[index] = { ...shrunk, size: shrunk.size - 1 };
    await this.kubernetes.json("DELETE", `/api/v1/nodes/${node.name}`).catch((error: unknown) => {
      if (!answered(error, 404)) throw error;
    });
  }
}

/** One collection of named things with create, list by name, change and delete. */
function stored(
  things: Map<string, Stored>,
  kind: string,
  method: string,
  id: string | undefined,
  body: Record<string, unknown>,
  query: URLSearchParams,
): { status: number; value?: unknown } {
  if (!id && method === "POST") {
    const made = {
      ...body,
      id: randomUUID(),
      name: String(body["name"]),
      status: kind === "lbs" ? "ready" : "available",
    };
    things.set(made.id, made);
    return { status: 200, value: made };
  }
  if (!id) {
    const name = query.get("name");
    const found = [...things.values()].filter((thing) => name === null || thing.name.includes(name));
    return { status: 200, value: { [kind]: found, total_count: found.length } };
  }
  const thing = things.get(id);
  if (!thing) return { status: 404, value: { message: `${kind} not Found` } };
  if (method === "DELETE") things.delete(id);
  else things.set(id, { ...thing, ...body });
  return method === "DELETE" ? { status: 204 } : { status: 200, value: things.get(id) };
}
