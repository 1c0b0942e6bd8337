import { type IncomingMessage, type ServerResponse, request } from "node:http";
import type { Principal } from "../iam/principal";
import type { Platform } from "../platform";
import { ApiError } from "../server/errors";
import type { EventLog } from "../server/events";
import { without } from "../server/without";
import type { Image, Namespace } from "./records";

interface Target {
  readonly namespace: Namespace;
  /** Name of the image inside the namespace. */
  readonly image: string;
  /** Tag or digest where the path addresses a manifest. */
  readonly manifest?: string;
}

/**
 * The registry as its clients see it: asks for a secret key with registry rights, knows the namespaces, and passes the
 * rest to the kept registry behind it. Serves plain HTTP; the edge puts TLS in front for pods.
 */
export class RegistryFront {
  constructor(
    private readonly platform: Platform,
    private readonly events: EventLog,
  ) {}

  readonly handle = (incoming: IncomingMessage, answer: ServerResponse): void => {
    const started = Date.now();
    let label = "anonymous";
    answer.on("close", () => {
      this.events.add({
        operation: "registry-content." + (incoming.method ?? ""),
        method: incoming.method ?? "",
        path: new URL(incoming.url ?? "/", "http://registry").pathname,
        status: answer.statusCode,
        milliseconds: Date.now() - started,
        principal: label,
      });
    });
    try {
      const principal = this.authenticate(incoming.headers.authorization);
      label = principal?.label ?? label;
      const target = this.authorize(incoming, principal);
      this.forward(incoming, answer, target);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      if (error.status === 401) answer.setHeader("WWW-Authenticate", 'Basic realm="Scaleway Container Registry"');
      answer.writeHead(error.status, {
        "content-type": "application/json",
        "docker-distribution-api-version": "registry/2.0",
      });
      answer.end(JSON.stringify({ errors: [{ code: error.code, message: error.message, detail: null }] }));
      incoming.resume();
    }
  };

  /** Basic: any user name, a secret key as password; Bearer: the secret key itself. Undefined without credentials. */
  private authenticate(header: string | undefined): Principal | undefined {
    if (header === undefined) return undefined;
    const [scheme = "", value = ""] = header.split(" ");
    const secret =
      scheme.toLowerCase() === "basic"
        ? Buffer.from(value, "base64")
            .toString("utf8")
            .replace(/^[^:]*:/, "")
        : value;
    try {
      return this.platform.identity.bySecretKey(secret);
    } catch (error) {
      if (error instanceof ApiError)
        throw new Refusal(401, "UNAUTHORIZED", "The password must be the secret key of a Scaleway API key.");
      throw error;
    }
  }

  private authorize(incoming: IncomingMessage, principal: Principal | undefined): Target | undefined {
    const { pathname } = new URL(incoming.url ?? "/", "http://registry");
    if (pathname === "/v2/" || pathname === "/v2") {
      if (!principal) throw new Refusal(401, "UNAUTHORIZED", "authentication required");
      return undefined;
    }
    const match = /^\/v2\/([^/]+)\/(.+)\/(manifests|blobs|tags|referrers)\/([^?]*)$/.exec(pathname);
    const [, name = "", image = "", kind = "", rest = ""] = match ?? [];
    const namespace = this.platform.store
      .collection<Namespace>("registry-namespaces")
      .all()
      .find((each) => each.name === name);
    if (!match || !namespace)
      throw principal
        ? new Refusal(404, "NAME_UNKNOWN", `There is no registry namespace "${name}"; create it first.`)
        : new Refusal(401, "UNAUTHORIZED", "authentication required");
    const reading = incoming.method === "GET" || incoming.method === "HEAD";
    const may =
      principal?.may("registry", reading ? "read" : "write", namespace.project_id) ?? (reading && namespace.is_public);
    if (!may)
      throw principal
        ? new Refusal(
            403,
            "DENIED",
            `The key ${principal.label} may not ${reading ? "pull from" : "push to"} "${name}".`,
          )
        : new Refusal(401, "UNAUTHORIZED", "authentication required");
    return { namespace, image, manifest: kind === "manifests" ? decodeURIComponent(rest) : undefined };
  }

  private forward(incoming: IncomingMessage, answer: ServerResponse, target: Target | undefined): void {
    const headers = without(incoming.headers, "authorization");
    const pushed: Buffer[] = [];
    const outgoing = request(
      {
        host: "127.0.0.1",
        port: this.platform.instance.ports.registryBackend,
        method: incoming.method,
        path: incoming.url,
        headers,
      },
      (reply) => {
        if (target?.manifest !== undefined && incoming.method === "PUT" && reply.statusCode === 201)
          this.remember(target, target.manifest, Buffer.concat(pushed));
        answer.writeHead(reply.statusCode ?? 502, reply.headers);
        reply.pipe(answer);
      },
    );
    outgoing.on("error", (error) => {
      if (answer.headersSent) return void answer.destroy();
      answer.writeHead(503, { "content-type": "application/json" });
      const message = `The registry behind the front does not answer (${error.message}); see the log of the service "registry".`;
      answer.end(JSON.stringify({ errors: [{ code: "UNAVAILABLE", message, detail: null }] }));
    });
    answer.on("close", () => outgoing.destroy());
    if (target?.manifest !== undefined && incoming.method === "PUT")
      incoming.on("data", (chunk: Buffer) => pushed.push(chunk));
    incoming.pipe(outgoing);
  }

  /** Notes a pushed manifest, so that the namespace can tell its images and their size. */
  private remember({ namespace, image }: Target, reference: string, manifest: Buffer): void {
    this.platform.store.collection<Image>("registry-images").put({
      id: `${namespace.name}/${image}@${reference}`,
      namespace_id: namespace.id,
      name: image,
      bytes: sizeOf(manifest),
    });
  }
}

class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

function sizeOf(manifest: Buffer): number {
  try {
    const { config, layers } = JSON.parse(manifest.toString("utf8")) as {
      config?: { size?: number };
      layers?: { size?: number }[];
    };
    return (config?.size ?? 0) + (layers ?? []).reduce((sum, layer) => sum + (layer.size ?? 0), 0);
  } catch {
    return 0; // Not JSON: the registry accepted it, its size is not ours to judge.
  }
}
