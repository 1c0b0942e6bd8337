import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { HttpClient, type HttpClientOptions } from "./http-client";

interface Kubeconfig {
  readonly "current-context"?: string;
  readonly contexts?: readonly {
    readonly name: string;
    readonly context: { readonly cluster: string; readonly user: string };
  }[];
  readonly clusters: readonly {
    readonly name: string;
    readonly cluster: {
      readonly server: string;
      readonly "certificate-authority-data"?: string;
      readonly "certificate-authority"?: string;
    };
  }[];
  readonly users: readonly {
    readonly name: string;
    readonly user: {
      readonly token?: string;
      readonly "client-certificate-data"?: string;
      readonly "client-certificate"?: string;
      readonly "client-key-data"?: string;
      readonly "client-key"?: string;
    };
  }[];
}

/** A client for the current context of a kubeconfig file (YAML or JSON); a token or a client certificate. */
export function kubernetesClient(kubeconfigFile: string): HttpClient {
  return new HttpClient(clientOptions(parse(read(kubeconfigFile)) as Kubeconfig, kubeconfigFile));
}

function read(kubeconfigFile: string): string {
  try {
    return readFileSync(kubeconfigFile, "utf8");
  } catch (error) {
    const remedy = "name one that this process may read.";
    throw new Error(`The kubeconfig file cannot be read (${(error as Error).message}): ${remedy}`, { cause: error });
  }
}

/** Where Kubernetes puts the identity of a pod. */
const SERVICE_ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";
/** A token is valid for an hour and renewed long before; reading it for each request would be waste. */
const TOKEN_MILLISECONDS = 60_000;

/** A client for the cluster in whose pod this process runs, as its service account. Throws outside of one. */
export function inClusterClient(environment: NodeJS.ProcessEnv = process.env, directory = SERVICE_ACCOUNT): HttpClient {
  const { KUBERNETES_SERVICE_HOST: host, KUBERNETES_SERVICE_PORT: port } = environment;
  if (!host || !port)
    throw new Error(
      "KUBERNETES_SERVICE_HOST and KUBERNETES_SERVICE_PORT are not set: run in a pod, or name a kubeconfig file.",
    );
  let token = "";
  let readAt = -Infinity;
  return new HttpClient({
    baseUrl: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    authorization: () => {
      if (Date.now() - readAt > TOKEN_MILLISECONDS) {
        token = readFileSync(join(directory, "token"), "utf8").trim();
        readAt = Date.now();
      }
      return `Bearer ${token}`;
    },
    tls: { ca: readFileSync(join(directory, "ca.crt"), "utf8") },
  });
}

function clientOptions(config: Kubeconfig, file: string): HttpClientOptions {
  const context = config.contexts?.find(({ name }) => name === config["current-context"])?.context;
  const cluster = named(config.clusters, context?.cluster)?.cluster;
  const user = named(config.users, context?.user)?.user;
  if (!cluster || !user)
    throw new Error(
      `${file}: current-context "${config["current-context"] ?? ""}" names no cluster and user of the file.`,
    );
  return {
    baseUrl: cluster.server.replace(/\/$/, ""),
    headers: user.token ? { authorization: `Bearer ${user.token}` } : {},
    tls: {
      ca: pem(cluster["certificate-authority-data"], cluster["certificate-authority"]),
      cert: pem(user["client-certificate-data"], user["client-certificate"]),
      key: pem(user["client-key-data"], user["client-key"]),
    },
  };
}

function named<T extends { readonly name: string }>(items: readonly T[], name: string | undefined): T | undefined {
  return name === undefined ? items[0] : items.find((item) => item.name === name);
}

function pem(data: string | undefined, file: string | undefined): string | undefined {
  if (data) return Buffer.from(data, "base64").toString("utf8");
  return file ? readFileSync(file, "utf8") : undefined;
}

export const MERGE_PATCH = "application/merge-patch+json";
