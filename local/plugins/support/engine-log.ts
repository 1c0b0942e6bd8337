import { credentials, type ChannelOptions } from "@grpc/grpc-js";
import { EngineClient } from "@pulumi/pulumi/proto/engine_grpc_pb";
import { LogRequest, LogSeverity } from "@pulumi/pulumi/proto/engine_pb";
import type { EngineLog, Severity } from "./provider";

/** Bytes in one message: the limit that the engine itself sets. */
const MAX_MESSAGE_BYTES = 400 * 1024 * 1024;
export const CHANNEL_OPTIONS: ChannelOptions = {
  "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
  "grpc.max_send_message_length": MAX_MESSAGE_BYTES,
};

const SEVERITIES: Readonly<Record<Severity, LogSeverity>> = {
  debug: LogSeverity.DEBUG,
  info: LogSeverity.INFO,
  warning: LogSeverity.WARNING,
  error: LogSeverity.ERROR,
};

/** Sends messages to the engine's output. Without an address (a plugin started by hand) nobody listens. */
export function engineLog(address: string | undefined): EngineLog & { readonly flush: () => Promise<void> } {
  if (address === undefined) return { log: () => undefined, flush: () => Promise.resolve() };
  const client = new EngineClient(address, credentials.createInsecure(), CHANNEL_OPTIONS);
  const pending = new Set<Promise<void>>();
  return {
    log(severity, message, { urn = "", ephemeral = false } = {}) {
      const request = new LogRequest();
      request.setSeverity(SEVERITIES[severity]);
      request.setMessage(message);
      request.setUrn(urn);
      request.setEphemeral(ephemeral);
      // A message that cannot be delivered is lost: the engine is gone, or about to go.
      const sent = new Promise<void>((done) => client.log(request, () => done()));
      pending.add(sent);
      void sent.then(() => pending.delete(sent));
    },
    /** Resolves once every message has been delivered; wait for it before an answer that ends the update. */
    flush: async () => {
      await Promise.all(pending);
    },
  };
}
