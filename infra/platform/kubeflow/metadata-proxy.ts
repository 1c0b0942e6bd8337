import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { access } from "./access";
import { METADATA_SERVICE } from "./metadata-store";
import { METADATA_PORT, METADATA_PROXY, METADATA_PROXY_PORT, METADATA_STORE, PAGES } from "./parts";
import type { Surroundings } from "./surroundings";
import { KUBEFLOW_USER, podLabels, workload } from "./workload";

export interface MetadataProxyArgs {
  readonly surroundings: Surroundings;
  readonly image: string;
}

const ADMIN_PORT = 9901;
const FILTERS = "type.googleapis.com/envoy.extensions.filters";

/** Lets a browser ask the metadata store: Envoy, from gRPC-Web to gRPC. */
export class MetadataProxy extends pulumi.ComponentResource {
  /** Name of its Service, known once it answers. */
  readonly serviceName: pulumi.Output<string>;

  constructor(name: string, args: MetadataProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:platform:MetadataProxy", name, args, opts);
    const configuration = this.createConfiguration(name, args);
    const server = this.createServer(name, args, configuration, opts?.dependsOn);
    this.serviceName = this.createService(name, args, server).metadata.name;
    this.createAccess(name, args);
    this.registerOutputs({ serviceName: this.serviceName });
  }

  private createConfiguration(name: string, { surroundings: { namespace } }: MetadataProxyArgs) {
    return new k8s.core.v1.ConfigMap(
      `${name}-configuration`,
      { metadata: { namespace }, data: { "envoy.yaml": JSON.stringify(envoyConfiguration()) } },
      { parent: this },
    );
  }

  private createServer(
    name: string,
    { surroundings, image }: MetadataProxyArgs,
    { metadata }: k8s.core.v1.ConfigMap,
    dependsOn: pulumi.ComponentResourceOptions["dependsOn"],
  ) {
    const tcpSocket = { port: "http" };
    return workload(
      `${name}-server`,
      {
        ...{ surroundings, component: METADATA_PROXY, image, user: KUBEFLOW_USER },
        resources: { cpu: "10m", memory: "128Mi" },
        command: ["/usr/local/bin/envoy"],
        // Nothing takes over from a running proxy, and the shared memory for that is not there.
        args: ["--config-path", "/etc/envoy/envoy.yaml", "--disable-hot-restart"],
        ports: { http: METADATA_PROXY_PORT },
        probes: {
          readinessProbe: { tcpSocket, periodSeconds: 5 },
          livenessProbe: { tcpSocket, periodSeconds: 20, failureThreshold: 3 },
        },
        mounts: [
          { name: "configuration", path: "/etc/envoy", source: { configMap: { name: metadata.name } }, readOnly: true },
        ],
        scratch: ["/tmp"],
      },
      { parent: this, dependsOn },
    );
  }

  private createService(name: string, { surroundings: { namespace } }: MetadataProxyArgs, server: pulumi.Resource) {
    return new k8s.core.v1.Service(
      `${name}-service`,
      {
        metadata: { namespace },
        spec: {
          selector: podLabels(METADATA_PROXY),
          ports: [{ name: "http", port: METADATA_PROXY_PORT, targetPort: "http" }],
        },
      },
      { parent: this, dependsOn: [server] },
    );
  }

  private createAccess(name: string, { surroundings: { namespace } }: MetadataProxyArgs) {
    access(
      `${name}-access`,
      {
        namespace,
        pods: podLabels(METADATA_PROXY),
        callers: [{ pods: podLabels(PAGES), port: METADATA_PROXY_PORT }],
        calls: [{ pods: podLabels(METADATA_STORE), port: METADATA_PORT }],
      },
      { parent: this },
    );
  }
}

function envoyConfiguration(): object {
  const address = (host: string, port: number) => ({ socket_address: { address: host, port_value: port } });
  const filter = (name: string, type: string) => ({ name, typed_config: { "@type": `${FILTERS}.${type}` } });
  const route = {
    match: { prefix: "/" },
    // A watching call has no end of its own.
    route: { cluster: "metadata", max_stream_duration: { grpc_timeout_header_max: "0s" } },
  };
  const connectionManager = {
    "@type": `${FILTERS}.network.http_connection_manager.v3.HttpConnectionManager`,
    codec_type: "auto",
    stat_prefix: "metadata",
    route_config: { name: "metadata", virtual_hosts: [{ name: "metadata", domains: ["*"], routes: [route] }] },
    http_filters: [
      filter("envoy.filters.http.grpc_web", "http.grpc_web.v3.GrpcWeb"),
      filter("envoy.filters.http.router", "http.router.v3.Router"),
    ],
  };
  const http2 = {
    "@type": "type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions",
    explicit_http_config: { http2_protocol_options: {} },
  };
  return {
    admin: { address: address("127.0.0.1", ADMIN_PORT) },
    static_resources: {
      listeners: [
        {
          name: "web",
          address: address("0.0.0.0", METADATA_PROXY_PORT),
          filter_chains: [
            {
              filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: connectionManager }],
            },
          ],
        },
      ],
      clusters: [
        {
          name: "metadata",
          connect_timeout: "30s",
          type: "logical_dns",
          lb_policy: "round_robin",
          typed_extension_protocol_options: { "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": http2 },
          load_assignment: {
            cluster_name: "metadata",
            endpoints: [{ lb_endpoints: [{ endpoint: { address: address(METADATA_SERVICE, METADATA_PORT) } }] }],
          },
        },
      ],
    },
  };
}
