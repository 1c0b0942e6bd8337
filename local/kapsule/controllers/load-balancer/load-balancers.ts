import { answered, type HttpClient } from "../../../kubernetes/http-client";
import type { ResourceCache } from "../../../kubernetes/cache";
import { MERGE_PATCH } from "../../../kubernetes/client";
import type { EventRecorder } from "../kubernetes/events";
import type { LoadBalancerIngress, Service } from "../../../kubernetes/objects";
import { freeAddress, shownAddress } from "./addresses";
import type { LoadBalancerApi } from "./load-balancer-api";
import { TcpProxy } from "./tcp-proxy";

const FINALIZER = "service.kubernetes.io/load-balancer-cleanup";
const ID_ANNOTATION = "service.beta.kubernetes.io/scw-loadbalancer-id";

export interface LoadBalancersOptions {
  readonly client: HttpClient;
  readonly services: ResourceCache<Service>;
  readonly api: LoadBalancerApi;
  readonly events: EventRecorder;
  readonly clusterId: string;
  /** Such as "127.42.". */
  readonly prefix: string;
  readonly report: (message: string) => void;
}

interface Balancer {
  readonly address: string;
  readonly proxies: Map<number, TcpProxy>;
}

/** Gives each Service of type LoadBalancer an address of this machine and forwards its ports to the service's own. */
export class LoadBalancers {
  /** By uid of the Service. */
  private readonly balancers = new Map<string, Balancer>();
  /** Addresses on which somebody else on this machine was found to answer. */
  private readonly foreign = new Set<string>();

  constructor(private readonly options: LoadBalancersOptions) {}

  /** Makes what runs equal to what is asked for. One Service that fails does not stop the others. */
  async reconcile(): Promise<void> {
    const { services } = this.options;
    if (!services.synced) return;
    const errors: string[] = [];
    const attempt = async (service: Service, work: () => Promise<void>) => {
      await work().catch(async (error: Error) => {
        // Somebody changed the Service meanwhile; the watch brings the new one.
        if (answered(error, 409)) return;
        errors.push(`${service.metadata.namespace}/${service.metadata.name}: ${error.message}`);
        await this.tell(service, "Warning", "SyncLoadBalancerFailed", error.message, 60);
      });
    };
    const present = new Set(services.all.map(({ metadata }) => metadata.uid));
    for (const uid of this.balancers.keys()) if (!present.has(uid)) this.close(uid);
    for (const service of services.all) {
      if (isWanted(service)) await attempt(service, () => this.ensure(service));
      else if (service.metadata.finalizers?.includes(FINALIZER)) await attempt(service, () => this.remove(service));
    }
    if (errors.length > 0) throw new Error(errors.join("; "));
  }

  private async ensure(service: Service): Promise<void> {
    const { metadata } = service;
    // First the finalizer: nothing may be made that a deletion at the next moment would forget.
    const marked = await this.mark(service);
    const balancer = this.balancers.get(metadata.uid) ?? { address: await this.address(service), proxies: new Map() };
    this.balancers.set(metadata.uid, balancer);
    await this.listen(service, balancer);
    await this.publish(marked, balancer.address);
  }

  private async mark(service: Service): Promise<Service> {
    const { finalizers = [], labels = {} } = service.metadata;
    const wanted = {
      "k8s.scaleway.com/cluster": this.options.clusterId,
      "k8s.scaleway.com/kapsule": "",
      "k8s.scaleway.com/managed-by-scaleway-cloud-controller-manager": "",
    };
    if (finalizers.includes(FINALIZER) && Object.entries(wanted).every(([key, value]) => labels[key] === value))
      return service;
    return this.patch(service, "", {
      metadata: {
        resourceVersion: service.metadata.resourceVersion,
        finalizers: [...new Set([...finalizers, FINALIZER])],
        labels: wanted,
      },
    });
  }

  private async address(service: Service): Promise<string> {
    const { services, prefix } = this.options;
    const shown = shownAddress(service, prefix);
    if (shown) return shown;
    const others = services.all.filter(({ metadata }) => metadata.uid !== service.metadata.uid);
    const taken = new Set([
      ...others.flatMap((other) => shownAddress(other, prefix) ?? []),
      ...[...this.balancers.values()].map(({ address }) => address),
      ...this.foreign,
    ]);
    return Promise.resolve(freeAddress(prefix, taken));
  }

  private async listen(service: Service, { address, proxies }: Balancer): Promise<void> {
    const ports = (service.spec.ports ?? [])
      .filter(({ protocol = "TCP" }) => protocol === "TCP")
      .map(({ port }) => port);
    for (const [port, proxy] of proxies) {
      if (ports.includes(port)) continue;
      proxy.close();
      proxies.delete(port);
    }
    for (const port of ports) {
      if (proxies.has(port)) continue;
      const { name, namespace, uid } = service.metadata;
      const proxy = new TcpProxy({
        address,
        port,
        target: () => {
          const host = this.options.services.get(name, namespace)?.spec.clusterIP;
          return host && host !== "None" ? { host, port } : undefined;
        },
      });
      try {
        await proxy.listen();
      } catch (error) {
        const { code } = error as NodeJS.ErrnoException;
        // An address that nobody was told of yet can be given up for another.
        if (code === "EADDRINUSE" && !shownAddress(service, this.options.prefix)) {
          this.foreign.add(address);
          this.close(uid);
        }
        const message = `Port ${port} of ${address} cannot be listened on (${code}). Free it or choose another port.`;
        throw new Error(message, { cause: error });
      }
      proxies.set(port, proxy);
      this.options.report(`${namespace}/${name}: ${address}:${port} answers`);
    }
  }

  /** Tells the API and, last, the Service: whoever sees the address can use it. */
  private async publish(service: Service, address: string): Promise<void> {
    const { metadata, spec, status } = service;
    const known = metadata.annotations?.[ID_ANNOTATION];
    const title = `${metadata.namespace}/${metadata.name}`;
    if (!known) {
      const id = await this.options.api.ensure(metadata.uid, title, address);
      await this.patch(service, "", { metadata: { annotations: { [ID_ANNOTATION]: id } } });
    }
    // Proxy: kube-proxy must not claim a loopback address for itself; connections come through this process.
    const ingress: LoadBalancerIngress = { ip: address, ipMode: "Proxy" };
    const current = status?.loadBalancer?.ingress ?? [];
    if (current.length === 1 && current[0]?.ip === address && current[0].ipMode === "Proxy") return;
    await this.patch(service, "/status", { status: { loadBalancer: { ingress: [ingress] } } });
    await this.tell(service, "Normal", "EnsuredLoadBalancer", `Ensured load balancer on ${address}`);
    const udp = spec.ports?.filter(({ protocol }) => protocol && protocol !== "TCP").map(({ port }) => port) ?? [];
    if (udp.length > 0)
      await this.tell(
        service,
        "Warning",
        "UnsupportedProtocol",
        `Scaleway load balancers forward TCP only; not served: ${udp.join(", ")}`,
      );
  }

  private async remove(service: Service): Promise<void> {
    const { metadata } = service;
    this.close(metadata.uid);
    await this.options.api.remove(metadata.uid);
    const finalizers = metadata.finalizers?.filter((one) => one !== FINALIZER) ?? [];
    if (!metadata.deletionTimestamp) {
      // No longer of type LoadBalancer: the address goes too.
      await this.patch(service, "/status", { status: { loadBalancer: { ingress: null } } });
      await this.patch(service, "", { metadata: { finalizers, annotations: { [ID_ANNOTATION]: null } } });
    } else {
      await this.patch(service, "", { metadata: { finalizers } }).catch((error: unknown) => {
        if (!answered(error, 404)) throw error;
      });
    }
    this.options.report(`${metadata.namespace}/${metadata.name}: load balancer removed`);
  }

  private close(uid: string): void {
    for (const proxy of this.balancers.get(uid)?.proxies.values() ?? []) proxy.close(true);
    this.balancers.delete(uid);
  }

  private async patch({ metadata }: Service, part: "" | "/status", patch: object): Promise<Service> {
    const path = `/api/v1/namespaces/${metadata.namespace}/services/${metadata.name}${part}`;
    return this.options.client.json<Service>("PATCH", path, patch, MERGE_PATCH);
  }

  private tell(
    service: Service,
    type: "Normal" | "Warning",
    reason: string,
    message: string,
    repeatSeconds = 0,
  ): Promise<void> {
    return this.options.events.record(
      { kind: "Service", apiVersion: "v1", object: service },
      type,
      reason,
      message,
      repeatSeconds,
    );
  }
}

/** Services that name another load balancer class are another controller's. */
function isWanted({ spec, metadata }: Service): boolean {
  return spec.type === "LoadBalancer" && !spec.loadBalancerClass && !metadata.deletionTimestamp;
}
