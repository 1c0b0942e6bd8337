import { connect, createServer, type Server, type Socket } from "node:net";
import { delay } from "../../../kubernetes/cache";

/** Where a connection goes; asked for each connection, so that a changed service needs no new listener. */
export interface Target {
  readonly host: string;
  readonly port: number;
}

export interface TcpProxyOptions {
  readonly address: string;
  readonly port: number;
  /** Undefined where the service has no address yet. */
  readonly target: () => Target | undefined;
  /** How long a connection waits for a target that answers. @default 5000 */
  readonly connectMilliseconds?: number;
}

const RETRY_MILLISECONDS = 50;

/**
 * One port of a load balancer: bytes in both directions, half-closed connections included. A target that refuses, as
 * between the end of one pod and the readiness of the next, is tried again before the client is turned away.
 */
export class TcpProxy {
  private readonly server: Server;
  private readonly clients = new Set<Socket>();

  constructor(private readonly options: TcpProxyOptions) {
    this.server = createServer({ allowHalfOpen: true, pauseOnConnect: true, noDelay: true }, (client) => {
      this.clients.add(client);
      client.once("close", () => this.clients.delete(client));
      // A reset of the client ends its connection and no other.
      client.on("error", () => client.destroy());
      void this.forward(client);
    });
  }

  /** Rejects with code EADDRINUSE where somebody else answers already. */
  listen(): Promise<void> {
    const { address, port } = this.options;
    return new Promise((done, fail) => {
      this.server.once("error", fail);
      this.server.listen({ host: address, port, backlog: 1024 }, () => {
        this.server.off("error", fail);
        done();
      });
    });
  }

  get connections(): number {
    return this.clients.size;
  }

  /** Takes no new connections; those that are open end by themselves, or at once with `force`. */
  close(force = false): void {
    this.server.close();
    if (force) for (const client of this.clients) client.destroy();
  }

  private async forward(client: Socket): Promise<void> {
    const upstream = await this.connectUpstream(client);
    if (!upstream || client.destroyed) {
      upstream?.destroy();
      if (!client.destroyed) client.resetAndDestroy();
      return;
    }
    upstream.on("error", () => client.resetAndDestroy());
    upstream.once("close", () => client.destroySoon());
    client.once("close", () => upstream.destroy());
    client.pipe(upstream);
    upstream.pipe(client);
  }

  private async connectUpstream(client: Socket): Promise<Socket | undefined> {
    const deadline = Date.now() + (this.options.connectMilliseconds ?? 5000);
    while (!client.destroyed) {
      const target = this.options.target();
      const upstream = target && (await attempt(target, Math.max(1, deadline - Date.now())));
      if (upstream) return upstream;
      if (Date.now() >= deadline) return undefined;
      await delay(RETRY_MILLISECONDS);
    }
    return undefined;
  }
}

/** A connection, or undefined where it is refused or takes too long. */
function attempt({ host, port }: Target, milliseconds: number): Promise<Socket | undefined> {
  return new Promise((done) => {
    const socket = connect({ host, port, allowHalfOpen: true, noDelay: true });
    const fail = () => {
      socket.destroy();
      done(undefined);
    };
    const timer = setTimeout(fail, milliseconds);
    socket.once("error", fail);
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      done(socket);
    });
    socket.once("close", () => clearTimeout(timer));
  });
}
