import {
  type IncomingMessage,
  type RequestListener,
  type Server,
  type ServerResponse,
  createServer as createHttpServer,
} from "node:http";
import { type Server as TlsServer, createServer as createTlsServer } from "node:https";
import { type Server as TcpServer, type Socket, createServer as createTcpServer } from "node:net";
import type { Duplex } from "node:stream";
import { REGIONS } from "../server/validation";
import type { KeyAndCertificate } from "./certificates";

export interface EdgeHandlers {
  readonly api: RequestListener;
  readonly registry: RequestListener;
  readonly objectStorage: RequestListener;
}

const HTTPS_PORT = 443;
const ENDPOINT = new RegExp(
  `^(?:(?:.+\\.)?s3\\.(?:${REGIONS.join("|")})|rg\\.(?:${REGIONS.join("|")}))\\.scw\\.cloud$`,
);

/** Whether the edge answers for a host name. */
export const isEndpoint = (host: string): boolean => host === "api.scaleway.com" || ENDPOINT.test(host);

/**
 * TLS for Scaleway's own host names: pods reach it at the gateway address of their private network, the provider through
 * a CONNECT proxy. Which product answers is decided by the Host header.
 */
export class Edge {
  private readonly tls: TlsServer;
  private readonly listeners = new Map<string, TcpServer>();
  private readonly sockets = new Set<Duplex>();

  constructor(
    { key, certificate }: KeyAndCertificate,
    handlers: EdgeHandlers,
    private readonly log: (message: string) => void,
  ) {
    this.tls = createTlsServer({ key, cert: certificate, keepAliveTimeout: 65_000 }, (request, response) =>
      dispatch(handlers, request, response),
    );
    this.tls.on("tlsClientError", (error) => log(`edge: TLS failed: ${error.message}`));
  }

  /** Answers on an address of a private network, port 443 by default; idempotent. */
  async listenOn(address: string, port = HTTPS_PORT): Promise<void> {
    if (this.listeners.has(address)) return;
    const listener = createTcpServer((socket) => this.accept(socket));
    this.listeners.set(address, listener);
    await new Promise<void>((done, fail) => {
      listener.once("error", fail);
      listener.listen(port, address, done);
    }).catch((error: NodeJS.ErrnoException) => {
      this.listeners.delete(address);
      throw new Error(`The edge cannot listen on ${address}:${port}: ${error.message}. Free the port, then try again.`);
    });
  }

  /** Idempotent; open connections end. */
  async stopListening(address: string): Promise<void> {
    const listener = this.listeners.get(address);
    this.listeners.delete(address);
    for (const socket of this.sockets) if ((socket as Socket).localAddress === address) socket.destroy();
    if (listener) await new Promise((done) => listener.close(done));
  }

  /** The HTTP CONNECT proxy that leads clients on this machine to Scaleway's names and nowhere else. */
  proxy(): Server {
    const server = createHttpServer((_request, response) => {
      response.writeHead(405, { "content-type": "text/plain" });
      response.end("This proxy only takes CONNECT.\n");
    });
    server.on("connect", (request: IncomingMessage, socket: Duplex, head: Buffer) => {
      const [host = "", port] = (request.url ?? "").split(":");
      if (!isEndpoint(host) || port !== String(HTTPS_PORT)) {
        this.log(`proxy: refused CONNECT ${request.url}: this machine only stands in for Scaleway's endpoints`);
        socket.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
        return;
      }
      socket.write("HTTP/1.1 200 Connection established\r\n\r\n");
      if (head.length > 0) socket.unshift(head);
      this.accept(socket);
    });
    return server;
  }

  async close(): Promise<void> {
    await Promise.all([...this.listeners.keys()].map((address) => this.stopListening(address)));
    this.tls.closeAllConnections();
    for (const socket of this.sockets) socket.destroy();
  }

  private accept(socket: Duplex): void {
    this.sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.once("close", () => this.sockets.delete(socket));
    this.tls.emit("connection", socket);
  }
}

function dispatch(handlers: EdgeHandlers, request: IncomingMessage, response: ServerResponse): void {
  const host = (request.headers.host ?? "").replace(/:\d+$/, "");
  if (host === "api.scaleway.com") return void handlers.api(request, response);
  if (host.startsWith("rg.")) return void handlers.registry(request, response);
  return void handlers.objectStorage(request, response);
}
