import { Server, status, type sendUnaryData, type ServerUnaryCall } from "@grpc/grpc-js";
import type { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { LanguageRuntimeService } from "@pulumi/pulumi/proto/language_grpc_pb";
import { GetRequiredPluginsResponse, RunResponse, type RunRequest } from "@pulumi/pulumi/proto/language_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import { CHANNEL_OPTIONS } from "../support/engine-log";
import { engineAddress, exitWhenParentDies, listen } from "../support/serve";
import { stopProgram, runProgram, type ProgramRun } from "./program";

/**
 * Serves `pulumirpc.LanguageRuntime` for Node programs: what `pulumi-language-nodejs` does for preview, up, destroy and
 * refresh. Everything else (`pulumi install`, `about`, code generation, policy packs) answers "not implemented".
 *
 * @throws when no port can be bound
 */
export async function serveLanguageHost(): Promise<void> {
  const engine = engineAddress(process.argv.slice(2)) ?? "";
  const server = new Server(CHANNEL_OPTIONS);
  server.addService(LanguageRuntimeService, {
    getPluginInfo(_: ServerUnaryCall<Empty, PluginInfo>, answer: sendUnaryData<PluginInfo>) {
      const info = new PluginInfo();
      info.setVersion("0.0.0-stand-in");
      answer(null, info);
    },
    // The resources of a program name their plugin and its version themselves.
    getRequiredPlugins(_: unknown, answer: sendUnaryData<GetRequiredPluginsResponse>) {
      answer(null, new GetRequiredPluginsResponse());
    },
    run({ request }: ServerUnaryCall<RunRequest, RunResponse>, answer: sendUnaryData<RunResponse>) {
      runProgram(toProgramRun(request, engine)).then(
        ({ error, bail }) => {
          const response = new RunResponse();
          response.setError(error ?? "");
          response.setBail(bail);
          answer(null, response);
        },
        (error: unknown) => answer({ code: status.UNKNOWN, details: String(error) }),
      );
    },
  });
  const port = await listen(server);
  const exit = () => {
    stopProgram();
    process.exit(0);
  };
  process.on("SIGINT", exit);
  process.on("SIGTERM", exit);
  exitWhenParentDies(exit);
  process.stdout.write(`${port}\n`);
}

function toProgramRun(request: RunRequest, engine: string): ProgramRun {
  const info = request.getInfo();
  return {
    engine,
    monitor: request.getMonitorAddress(),
    organization: request.getOrganization(),
    project: request.getProject(),
    stack: request.getStack(),
    dryRun: request.getDryrun(),
    parallel: request.getParallel(),
    config: Object.fromEntries(request.getConfigMap().toArray()),
    configSecretKeys: request.getConfigsecretkeysList(),
    workingDirectory: request.getPwd(),
    rootDirectory: info?.getRootDirectory() ?? request.getPwd(),
    programDirectory: info?.getProgramDirectory() ?? request.getPwd(),
    entryPoint: info?.getEntryPoint() ?? ".",
    options: info?.getOptions()?.toJavaScript() ?? {},
    arguments: request.getArgsList(),
  };
}
