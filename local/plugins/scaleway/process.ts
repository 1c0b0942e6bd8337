import { spawn, type ChildProcess } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { credentials, status, type Client, type ServiceError } from "@grpc/grpc-js";
import { CHANNEL_OPTIONS } from "../support/engine-log";
import { ControllerClient, ProviderClient } from "./messages";
import type { Calls } from "./protocol";

/** Without this value the provider refuses to run: it tells plugins from programs that people start by mistake. */
const MAGIC_COOKIE = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";
const HANDSHAKE_MS = 20_000;
const TAIL_LINES = 40;
/** Kills its program when its parent dies; part of util-linux. */
const SETPRIV = "/usr/bin/setpriv";

/** A running terraform-provider-scaleway. */
export interface ProviderProcess {
  /**
   * One call of the plugin protocol.
   *
   * @throws when the provider has died; the message ends with its last words
   */
  call<M extends keyof Calls>(method: M, request: Calls[M]["request"]): Promise<Calls[M]["response"]>;
  /** Ends the process; never fails. */
  close(): Promise<void>;
}

/**
 * Starts the provider and waits until it answers.
 *
 * @throws when the program is missing, exits, or does not say within 20 s where it listens
 */
export async function startProvider(
  binary: string,
  environment: Readonly<Record<string, string>>,
): Promise<ProviderProcess> {
  if (!existsSync(binary)) {
    throw new Error(
      `There is no terraform-provider-scaleway at ${binary}. Set TERRAFORM_PROVIDER_SCALEWAY to its path.`,
    );
  }
  const socketFolder = mkdtempSync(join(tmpdir(), "scaleway-"));
  const command = existsSync(SETPRIV) ? [SETPRIV, "--pdeathsig", "KILL", binary] : [binary];
  const child = spawn(command[0]!, command.slice(1), {
    env: { ...environment, TF_PLUGIN_MAGIC_COOKIE: MAGIC_COOKIE, PLUGIN_UNIX_SOCKET_DIR: socketFolder },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lastWords = tailOf(child);
  const removeFolder = () => rmSync(socketFolder, { recursive: true, force: true });
  child.once("exit", removeFolder);
  try {
    const target = await handshake(child, lastWords);
    return connected(child, target, lastWords);
  } catch (error) {
    child.kill("SIGKILL");
    removeFolder();
    throw error;
  }
}

/** Reads `1|6|unix|<socket>|grpc|` from the first line; returns the gRPC target. */
function handshake(child: ChildProcess, lastWords: () => string): Promise<string> {
  return new Promise((done, fail) => {
    const timer = setTimeout(
      () => fail(new Error(`terraform-provider-scaleway said nothing for ${HANDSHAKE_MS} ms.`)),
      HANDSHAKE_MS,
    );
    const settle = (error?: Error, target = "") => {
      clearTimeout(timer);
      if (error) fail(error);
      else done(target);
    };
    child.once("error", settle);
    child.once("exit", (code, signal) => {
      settle(new Error(`terraform-provider-scaleway ended (${signal ?? code}) before it was ready.${lastWords()}`));
    });
    createInterface({ input: child.stdout! }).once("line", (line) => {
      const [, protocol, network, address] = line.split("|");
      if (protocol === "6" && network === "unix" && address) settle(undefined, `unix:${address}`);
      else
        settle(new Error(`terraform-provider-scaleway speaks another protocol than version 6 over a socket: ${line}`));
    });
  });
}

function connected(child: ChildProcess, target: string, lastWords: () => string): ProviderProcess {
  const client = new ProviderClient(target, credentials.createInsecure(), CHANNEL_OPTIONS);
  const controller = new ControllerClient(target, credentials.createInsecure());
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  let closing = false;
  let death: Error | undefined;
  child.once("exit", (code, signal) => {
    const how = signal ? `was ended by ${signal}` : `exited with status ${code}`;
    if (!closing) death = new Error(`terraform-provider-scaleway ${how}.${lastWords()}`);
  });
  return {
    async call(method, request) {
      try {
        if (death) throw death;
        return await unary<Calls[typeof method]["response"]>(client, method, request);
      } catch (error) {
        // The broken connection shows before the process is known to be gone.
        if (isConnectionLoss(error)) await Promise.race([ended, delay(2000)]);
        throw death ?? error;
      }
    },
    async close() {
      closing = true;
      if (child.exitCode === null && child.signalCode === null) {
        void unary(controller, "Shutdown", {}).catch(() => undefined);
        await Promise.race([ended, delay(1000)]);
        child.kill("SIGKILL");
      }
      client.close();
      controller.close();
    },
  };
}

function unary<Response>(client: Client, method: string, request: unknown): Promise<Response> {
  type Callback = (error: ServiceError | null, response: Response) => void;
  const methods = client as unknown as Record<string, (request: unknown, callback: Callback) => void>;
  return new Promise((done, fail) => {
    methods[method]!.call(client, request, (error, response) => (error ? fail(error) : done(response)));
  });
}

function isConnectionLoss(error: unknown): boolean {
  const code = (error as Partial<ServiceError>).code;
  return code === status.UNAVAILABLE || code === status.CANCELLED;
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((done) => void setTimeout(done, milliseconds).unref());
}

/** Drains the provider's log (it would block on a full pipe) and remembers its end: a panic is explained only there. */
function tailOf(child: ChildProcess): () => string {
  const lines: string[] = [];
  let panic: string[] | undefined;
  createInterface({ input: child.stderr! }).on("line", (line) => {
    if (/^(panic:|fatal error:)/.test(line)) panic = [];
    if (panic && panic.length < TAIL_LINES) panic.push(line);
    lines.push(line);
    if (lines.length > TAIL_LINES) lines.shift();
  });
  return () => {
    const words = panic ?? lines.filter((line) => !line.startsWith("{")).slice(-10);
    return words.length === 0 ? "" : ` Its last words:\n${words.join("\n")}`;
  };
}
