import { readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { execFileSync } from "node:child_process";
import { parse } from "yaml";
import { isMap, type PropertyMap, type PropertyValue } from "../support/values";
import { listAt, stringAt } from "./paths";

/** How to reach one API server. */
export interface Connection {
  readonly server: URL;
  /** Namespace of the context; undefined where it names none. */
  readonly namespace: string | undefined;
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized: boolean;
  };
  /** Value of the Authorization header; asked for again at each request, because files and tools rotate tokens. */
  readonly authorization: () => string | undefined;
}

export interface KubeconfigChoice {
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  readonly cluster: string | undefined;
}

/**
 * Chooses cluster and user of a kubeconfig and reads the files that it names.
 *
 * @throws Error that names the missing or unreadable part, never its content
 */
export function connectionOf(choice: KubeconfigChoice, env: NodeJS.ProcessEnv = process.env): Connection {
  const { config, directory } = load(choice.kubeconfig, env);
  const contextName = choice.context ?? stringAt(config, ["current-context"]);
  if (!contextName) throw new Error('The kubeconfig has no "current-context". Set the provider\'s context.');
  const context = entry(config, "contexts", contextName);
  const cluster = entry(config, "clusters", choice.cluster ?? stringAt(context, ["cluster"]) ?? "");
  const userName = stringAt(context, ["user"]);
  const user = userName === undefined ? {} : entry(config, "users", userName);
  if (stringAt(cluster, ["proxy-url"])) {
    throw new Error(
      'The kubeconfig reaches its cluster through "proxy-url", which this stand-in plugin does not have.',
    );
  }
  const server = stringAt(cluster, ["server"]) ?? "";
  if (!URL.canParse(server)) throw new Error(`The kubeconfig's cluster has server "${server}": not a URL.`);
  const file = (name: string) => {
    const path = stringAt(user, [name]) ?? stringAt(cluster, [name]);
    return path === undefined ? undefined : resolve(directory, path);
  };
  const data = (value: PropertyMap, name: string) => {
    const encoded = stringAt(value, [`${name}-data`]);
    if (encoded !== undefined) return Buffer.from(encoded, "base64").toString("utf8");
    const path = file(name);
    return path === undefined ? undefined : read(path, `the kubeconfig's ${name}`);
  };
  return {
    server: new URL(server),
    namespace: stringAt(context, ["namespace"]),
    tls: {
      ca: data(cluster, "certificate-authority"),
      cert: data(user, "client-certificate"),
      key: data(user, "client-key"),
      servername: stringAt(cluster, ["tls-server-name"]),
      rejectUnauthorized: cluster["insecure-skip-tls-verify"] !== true,
    },
    authorization: authorizationOf(user, file("tokenFile")),
  };
}

/** Where the API server of a kubeconfig is, undefined where that cannot be told. */
export function serverOf(choice: KubeconfigChoice): string | undefined {
  try {
    return connectionOf(choice).server.href;
  } catch {
    return undefined;
  }
}

function load(kubeconfig: string | undefined, env: NodeJS.ProcessEnv): { config: PropertyMap; directory: string } {
  if (kubeconfig !== undefined && !isFile(kubeconfig)) {
    return { config: parseKubeconfig(kubeconfig, "the provider's kubeconfig"), directory: process.cwd() };
  }
  const path =
    kubeconfig ?? env["KUBECONFIG"]?.split(delimiter).find((part) => part !== "") ?? join(homedir(), ".kube", "config");
  const content = read(path, "the kubeconfig (none was given to the provider)");
  return { config: parseKubeconfig(content, path), directory: dirname(resolve(path)) };
}

function parseKubeconfig(content: string, source: string): PropertyMap {
  let config: PropertyValue;
  try {
    // JSON first: it is YAML too, and its parser costs nothing at start.
    config = content.trimStart().startsWith("{")
      ? (JSON.parse(content) as PropertyValue)
      : (parse(content) as PropertyValue);
  } catch {
    // Without its cause, which quotes the content.
    throw new Error(`${source} is neither YAML nor JSON (its content is not shown, it may hold credentials).`);
  }
  if (!isMap(config))
    throw new Error(`${source} is not a kubeconfig: it has no fields. Is it the path of a missing file?`);
  return config;
}

function isFile(path: string): boolean {
  return !path.includes("\n") && path.length < 4096 && (statSync(path, { throwIfNoEntry: false })?.isFile() ?? false);
}

function read(path: string, what: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new Error(`Cannot read ${what}, file ${path}: ${(error as Error).message}`, { cause: error });
  }
}

/** The part called `cluster`, `context` or `user` of the entry with that name. */
function entry(config: PropertyMap, list: "clusters" | "contexts" | "users", name: string): PropertyMap {
  const found = listAt(config, [list]).find((item) => stringAt(item, ["name"]) === name);
  const content = isMap(found) ? found[list.slice(0, -1)] : undefined;
  if (!isMap(content)) throw new Error(`The kubeconfig has no entry "${name}" under ${list}.`);
  return content;
}

function authorizationOf(user: PropertyMap, tokenFile: string | undefined): () => string | undefined {
  const token = stringAt(user, ["token"]);
  if (token !== undefined) return () => `Bearer ${token}`;
  if (tokenFile !== undefined) return () => `Bearer ${read(tokenFile, "the kubeconfig's token file").trim()}`;
  const username = stringAt(user, ["username"]);
  if (username !== undefined) {
    const pair = Buffer.from(`${username}:${stringAt(user, ["password"]) ?? ""}`).toString("base64");
    return () => `Basic ${pair}`;
  }
  const exec = user["exec"];
  if (!isMap(exec)) return () => undefined;
  const credential = execCredential(exec);
  return () => `Bearer ${credential()}`;
}

/** Asks the credential tool that a kubeconfig names for a token, and again once it has expired. */
function execCredential(exec: PropertyMap): () => string {
  let token: string | undefined;
  let expires = Infinity;
  return () => {
    if (token !== undefined && Date.now() < expires) return token;
    const command = stringAt(exec, ["command"]) ?? "";
    const args = listAt(exec, ["args"]).filter((arg) => typeof arg === "string");
    const env = Object.fromEntries(
      listAt(exec, ["env"]).map((pair) => [stringAt(pair, ["name"]) ?? "", stringAt(pair, ["value"]) ?? ""]),
    );
    const info = JSON.stringify({
      apiVersion: exec["apiVersion"],
      kind: "ExecCredential",
      spec: { interactive: false },
    });
    const status = runCredentialTool(command, args, { ...process.env, ...env, KUBERNETES_EXEC_INFO: info });
    token = stringAt(status, ["token"]);
    if (token === undefined) throw new Error(`The kubeconfig's credential tool "${command}" answered without a token.`);
    const expiry = stringAt(status, ["expirationTimestamp"]);
    // Ten seconds early, so that a token does not expire on its way.
    expires = expiry === undefined ? Infinity : Date.parse(expiry) - 10_000;
    return token;
  };
}

function runCredentialTool(command: string, args: string[], env: NodeJS.ProcessEnv): PropertyValue | undefined {
  try {
    const answer = execFileSync(command, args, {
      env,
      encoding: "utf8",
      timeout: 60_000,
      stdio: ["ignore", "pipe", "pipe"],
    });
    return (JSON.parse(answer) as PropertyMap)["status"];
  } catch (error) {
    const { code, status } = error as { code?: string; status?: number };
    // Without its cause, which holds what the tool printed.
    // eslint-disable-next-line preserve-caught-error
    throw new Error(
      `The kubeconfig's credential tool "${command}" failed (${code ?? `exit status ${status ?? "unknown"}`}). Run it by hand to see why.`,
    );
  }
}
