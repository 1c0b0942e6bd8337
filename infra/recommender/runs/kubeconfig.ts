import { parse } from "yaml";

/** How to reach one API server. */
export interface ClusterAccess {
  readonly server: URL;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized: boolean;
  };
  /** Value of the Authorization header; undefined where a certificate says who asks. */
  readonly authorization?: string;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * Takes the current context out of a kubeconfig, as text. It holds all that is needed: a token or a certificate, no
 * path of a file, no tool to ask.
 *
 * @throws Error that names the missing part, never the content
 */
export function clusterAccess(kubeconfig: string): ClusterAccess {
  const config = fieldsOf(parsed(kubeconfig));
  const context = entry(config, "contexts", text(config, "current-context"));
  const cluster = entry(config, "clusters", text(context, "cluster"));
  const user = entry(config, "users", text(context, "user"));
  const server = text(cluster, "server") ?? "";
  if (!URL.canParse(server)) throw new Error(`The kubeconfig names the server "${server}", which is no address.`);
  const token = text(user, "token");
  const cert = decoded(user, "client-certificate-data");
  if (token === undefined && cert === undefined) {
    throw new Error(
      "The kubeconfig's user has neither token nor client-certificate-data. Take the kubeconfig that the cluster's own API hands out.",
    );
  }
  return {
    server: new URL(server),
    tls: {
      ca: decoded(cluster, "certificate-authority-data"),
      cert,
      key: decoded(user, "client-key-data"),
      servername: text(cluster, "tls-server-name"),
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    },
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

function parsed(kubeconfig: string): unknown {
  try {
    return parse(kubeconfig);
  } catch {
    // Without its cause, which quotes the content.
    throw new Error("The kubeconfig is no YAML (its content is not shown, it holds credentials).");
  }
}

/** The part called `cluster`, `context` or `user` of the entry with that name. */
function entry(config: Fields, list: "clusters" | "contexts" | "users", name: string | undefined): Fields {
  const entries = Array.isArray(config[list]) ? config[list].map(fieldsOf) : [];
  const found = entries.find((candidate) => candidate["name"] === name);
  if (!found) throw new Error(`The kubeconfig has no entry "${name ?? ""}" under ${list}.`);
  return fieldsOf(found[list.slice(0, -1)]);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === "object" && value !== null ? (value as Fields) : {};
}

function text(fields: Fields, key: string): string | undefined {
  const value = fields[key];
  return typeof value === "string" && value !== "" ? value : undefined;
}

function decoded(fields: Fields, key: string): string | undefined {
  const value = text(fields, key);
  return value === undefined ? undefined : Buffer.from(value, "base64").toString("utf8");
}
