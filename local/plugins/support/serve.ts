import { Server, ServerCredentials } from "@grpc/grpc-js";
import { ResourceProviderService } from "@pulumi/pulumi/proto/provider_grpc_pb";
import { CHANNEL_OPTIONS, engineLog } from "./engine-log";
import { providerMethods } from "./methods";
import type { EngineLog, ResourceProvider } from "./provider";

export interface PluginDefinition {
  /** Version of the npm package whose resources the plugin serves. */
  readonly version: string;
  create(engine: EngineLog): ResourceProvider;
}

/**
 * Runs a resource plugin: serves its provider on a free port of 127.0.0.1, tells the engine the port on the first line
 * of standard output, and exits when the engine ends it (SIGINT) or disappears.
 *
 * @throws when no port can be bound
 */
export async function servePlugin(definition: PluginDefinition): Promise<void> {
  const engine = engineLog(engineAddress(process.argv.slice(2)));
  const provider = definition.create(engine);
  const exit = exitOnce(provider);
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(ResourceProviderService, providerMethods(definition.version, provider, engine.flush));
  const port = await listen(server);
  // The engine ends plugins with SIGINT and waits five seconds for one that does not go; a terminal sends it too.
  process.on("SIGINT", exit);
  process.on("SIGTERM", exit);
  exitWhenParentDies(exit);
  process.stdout.write(`${port}\n`);
}

/** The last argument that is no flag: `[--logtostderr] [-v=N] [--tracing X] <engine address>`. */
export function engineAddress(args: readonly string[]): string | undefined {
  return args.filter((arg) => !arg.startsWith("-")).at(-1);
}

/** Binds a gRPC server to a free port of the loopback interface. */
export function listen(server: Server): Promise<number> {
  return new Promise((done, fail) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, port) =>
      error ? fail(error) : done(port),
    );
  });
}

function exitOnce(provider: ResourceProvider): () => void {
  let exiting = false;
  return () => {
    if (exiting) return;
    exiting = true;
    void Promise.resolve(provider.close?.())
      .catch((error: unknown) => process.stderr.write(`${String(error)}\n`))
      .finally(() => process.exit(0));
  };
}

/** An engine killed outright ends nobody: without this its plugins, and what they started, would stay for ever. */
export function exitWhenParentDies(exit: () => void): void {
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) exit();
  }, 2000).unref();
}
