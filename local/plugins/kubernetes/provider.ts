import type { EngineLog, ResourceProvider } from "../support/provider";
import { check } from "./check";
import { readConfiguration, type Configuration } from "./configuration";
import { remove } from "./delete";
import { diff } from "./diff";
import { checkConfig, diffConfig } from "./provider-config";
import { read } from "./read";
import { Session } from "./session";
import { unsupportedFunction } from "./unsupported";
import { create, update } from "./write";

/** The resources of `@pulumi/kubernetes`: any object of any kind that the API server knows. */
export function kubernetesProvider(engine: EngineLog): ResourceProvider {
  const cancelled = new AbortController();
  let configuration: Configuration | undefined;
  let opened: Session | undefined;
  // Opened at first use: a provider whose cluster is gone is still configured, and its error belongs to a resource.
  const session = () => {
    if (!configuration) throw new Error("The Kubernetes provider was not configured.");
    opened ??= new Session(configuration, engine, cancelled.signal);
    return opened;
  };
  return {
    checkConfig: (request) => Promise.resolve(checkConfig(request)),
    diffConfig: (request) => Promise.resolve(diffConfig(request)),
    configure: (args) => {
      configuration = readConfiguration(args);
      opened = undefined;
      return Promise.resolve();
    },
    check: async (request) => check(session(), request),
    diff: async (request) => diff(session(), request),
    create: async (request) => create(session(), request),
    read: async (request) => read(session(), request),
    update: async (request) => update(session(), request),
    delete: async (request) => remove(session(), request),
    invoke: (token) => Promise.reject(new Error(unsupportedFunction(token))),
    cancel: () => cancelled.abort(),
  };
}
