import { readFileSync } from "node:fs";
import { stringify } from "yaml";
import type { Pair } from "./certificates";
import { writeFile } from "./files";

/** How a kubeconfig proves who it is: a bearer token or a client certificate. */
export type Credentials = { readonly token: string } | Pair;

/** Writes a kubeconfig with exactly one cluster, one user and one context; certificates are embedded. */
export function writeKubeconfig(
  path: string,
  cluster: { name: string; host: string; caCertificate: string },
  credentials: Credentials,
): string {
  const user =
    "token" in credentials
      ? { token: credentials.token }
      : {
          "client-certificate-data": readFileSync(credentials.certificate).toString("base64"),
          "client-key-data": readFileSync(credentials.key).toString("base64"),
        };
  const content = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: cluster.name,
        cluster: {
          server: cluster.host,
          "certificate-authority-data": Buffer.from(cluster.caCertificate).toString("base64"),
        },
      },
    ],
    users: [{ name: `${cluster.name}-user`, user }],
    contexts: [{ name: cluster.name, context: { cluster: cluster.name, user: `${cluster.name}-user` } }],
    "current-context": cluster.name,
  };
  writeFile(path, stringify(content));
  return path;
}
