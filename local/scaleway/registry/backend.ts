import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Instance } from "../../instance";
import type { Service } from "../../supervisor/service";
import type { Tools } from "../../toolchain/tools";

/** Where the kept registry stores its blobs and manifests. */
export const registryRoot = (instance: Instance): string => join(instance.stateDir, "registry");

/**
 * The distribution registry behind our front, as a service. It trusts its caller, so it listens on loopback only and
 * the front alone knows its port.
 */
export function registryService(instance: Instance, tools: Pick<Tools, "registry">): Service {
  const root = registryRoot(instance);
  mkdirSync(root, { recursive: true, mode: 0o700 });
  const file = join(root, "config.json");
  const configuration = {
    version: "0.1",
    log: { level: "warn", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: root }, delete: { enabled: true } },
    // Upload locations are relative so that clients stay on the front's address.
    http: { addr: `127.0.0.1:${instance.ports.registryBackend}`, relativeurls: true },
  };
  // YAML is a superset of JSON, and the registry reads YAML.
  writeFileSync(file, JSON.stringify(configuration, null, 2), { mode: 0o600 });
  return {
    name: "registry",
    command: [tools.registry, "serve", file],
    environment: { OTEL_TRACES_EXPORTER: "none", PATH: "/usr/sbin:/usr/bin:/sbin:/bin" },
    workingDirectory: root,
  };
}
