import { strict as assert } from "node:assert";
import type { Instance } from "../../local/instance";
import * as configuration from "../../local/kapsule/node-configuration";
import { cgroupName, clusterService, interfaceName, nodePaths } from "../../local/kapsule/paths";
import type { Tools } from "../../local/toolchain/tools";
import { clusterSpec, nodeSpec } from "../live/kapsule/support/specs";

const instance = {
  id: "0123abcd",
  stateDir: "/home/somebody/with/a/rather/long/name/recommender-platform/.local",
  runDir: "/run/recommender-0123abcd",
  ports: { registry: 5000 },
} as Instance;
const tools = new Proxy({} as Tools, { get: (_, name) => `/tools/${String(name)}` });
const cluster = clusterSpec();
const node = nodeSpec("gpu");
const paths = nodePaths(instance, cluster.id, node.id);

describe("What a node is configured with", () => {
  it("stays within the kernel's limits on names", () => {
    assert.ok(interfaceName(cluster.id).length <= 15);
    // A shim's socket is named by 64 hexadecimal digits; 107 bytes are allowed.
    assert.ok(`${paths.run}/s/`.length + 64 <= 107);
    assert.ok(`${paths.kubeletRoot}/device-plugins/kubelet.sock`.length <= 107);
  });

  it("shares no path between two nodes", () => {
    const other = nodePaths(instance, cluster.id, nodeSpec("cpu").id);
    const shared = Object.values(paths).filter((path) => Object.values(other).includes(path));

    assert.deepEqual(shared, []);
    assert.notEqual(cgroupName(node.id), cgroupName(nodeSpec("cpu").id));
    assert.match(clusterService(cluster.id, "etcd"), /^[0-9a-f]{8}-etcd$/);
  });

  it("keeps everything of containerd in the node's own directories", () => {
    const toml = configuration.containerdToml(paths, tools);
    const absolute = [...toml.matchAll(/"(\/[^"]*)"/g)].map(([, path]) => path ?? "");
    const elsewhere = absolute.filter((path) => !path.startsWith(paths.directory) && !path.startsWith(paths.run));

    assert.deepEqual(elsewhere, ["/tools/containerd-shim-runc-v2", "/tools/runc", configuration.CNI_PLUGINS]);
  });

  it("pulls production image names from the registry of this machine", () => {
    assert.match(configuration.registryHostsToml(instance), /\[host\."http:\/\/127\.0\.0\.1:5000"\]/);
  });

  it("binds the kubelet to the node's own address, with authentication", () => {
    const certificates = { authority: "/ca.pem", certificate: "/c.pem", key: "/k.pem" };
    const text = configuration.kubeletConfiguration(cluster, node, "172.16.0.11", paths, certificates);
    const parsed = JSON.parse(text) as Record<string, unknown>;

    assert.equal(parsed["address"], "172.16.0.11");
    assert.equal(parsed["healthzBindAddress"], "172.16.0.11");
    assert.equal(parsed["readOnlyPort"], 0);
    assert.deepEqual((parsed["authentication"] as Record<string, unknown>)["anonymous"], { enabled: false });
  });

  it("maps host ports only where iptables is there to do it", () => {
    const plugins = (portMapping: boolean): string[] =>
      (
        JSON.parse(configuration.cniConflist(node, "100.64.1.0/24", paths, portMapping)) as {
          plugins: { type: string }[];
        }
      ).plugins.map(({ type }) => type);

    assert.deepEqual(plugins(true), ["ptp", "portmap"]);
    assert.deepEqual(plugins(false), ["ptp"]);
  });

  it("lets the pool's labels win", () => {
    const labels = configuration.nodeLabels({ ...node, labels: { "kubernetes.io/arch": "mine", tier: "gold" } });

    assert.equal(labels["tier"], "gold");
    assert.equal(labels["kubernetes.io/arch"], "mine");
    assert.equal(labels["kubernetes.io/hostname"], node.name);
  });
});
