import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Instance } from "../instance";
import type { Service } from "../supervisor/service";
import { serviceEnvironment } from "./command";
import type { ControllersConfiguration } from "./controllers/configuration";
import type { ClusterCredentials } from "./credentials";
import { digest, writeFile } from "./files";
import { clusterService, type ClusterPaths } from "./paths";
import type { ClusterSpec } from "./runtime";

/** Program and arguments of the managed controllers, given the path of their configuration. */
export type ControllersCommand = (configurationFile: string) => readonly string[];

/** Autoscaler, CCM and CSI of a cluster: one process, told by a file that it reads again when it changes. */
export function controllersService(
  instance: Instance,
  spec: ClusterSpec,
  paths: ClusterPaths,
  credentials: ClusterCredentials,
  command: ControllersCommand,
): Service {
  const file = join(paths.configuration, "controllers.json");
  const configuration: ControllersConfiguration = {
    clusterId: spec.id,
    projectId: instance.account.projectId,
    region: spec.region,
    zone: `${spec.region}-1`,
    kubeconfig: credentials.kubeconfigs.controllers,
    apiUrl: `http://127.0.0.1:${instance.ports.api}`,
    serviceToken: instance.account.serviceToken,
    autoscaler: spec.autoscaler,
    loopbackPrefix: loopbackPrefix(spec.id),
    volumeDirectory: paths.volumes,
  };
  writeFile(file, JSON.stringify(configuration, null, 2));
  return {
    name: clusterService(spec.id, "controllers"),
    command: command(file),
    environment: serviceEnvironment(paths.directory, digest(credentials.kubeconfigs.controllers)),
    workingDirectory: paths.directory,
  };
}

/** First two octets of a cluster's load balancers, such as "127.42.": 127.0 to 127.15 are left to others. */
export function loopbackPrefix(clusterId: string): string {
  const byte = createHash("sha256").update(clusterId).digest()[0] ?? 0;
  return `127.${16 + (byte % 224)}.`;
}
