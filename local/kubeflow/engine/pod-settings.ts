import type { Json } from "../model";
import type { PodSettings } from "../jobs/container-runner";
import type { ParameterSource } from "../ir/pipeline-spec";
import type { ExecutorConfig } from "../ir/platform-spec";
import { textOf } from "./value-text";

/** The value of a source that stands in a platform document; undefined where nothing delivered one. */
export type LookUp = (source: ParameterSource) => Json | undefined;

/** The platform settings of a step with every name settled. @throws Error with one sentence */
export function podSettings(config: ExecutorConfig, lookUp: LookUp): PodSettings {
  const name = (kind: string, source: ParameterSource | undefined, plain?: string): string => {
    const value = source && hasSource(source) ? lookUp(source) : plain;
    if (value === undefined || value === "") throw new Error(`The name of a ${kind} of the step has no value.`);
    return textOf(value);
  };
  const secret = (entry: { secretNameParameter?: ParameterSource | undefined; secretName?: string | undefined }) =>
    name("secret", entry.secretNameParameter, entry.secretName);
  const configMap = (entry: {
    configMapNameParameter?: ParameterSource | undefined;
    configMapName?: string | undefined;
  }) => name("config map", entry.configMapNameParameter, entry.configMapName);
  const { securityContext = {} } = config;
  return {
    nodeSelector: { ...config.nodeSelector?.labels, ...record(json(config.nodeSelector?.nodeSelectorJson, lookUp)) },
    tolerations: (config.tolerations ?? []).flatMap(({ tolerationJson, ...toleration }) =>
      tolerationJson ? objects(json(tolerationJson, lookUp)) : [toleration],
    ),
    nodeAffinity: nodeAffinity(config.nodeAffinity ?? [], lookUp),
    claims: (config.pvcMount ?? []).map((mount) => {
      const { constant, componentInputParameter, taskOutputParameter, mountPath, subPath } = mount;
      const former = { componentInputParameter, taskOutputParameter };
      const source = mount.pvcNameParameter ?? (hasSource(former) ? former : undefined);
      return { claim: name("claim", source, constant), mountPath, subPath: subPath || undefined };
    }),
    emptyDirs: (config.emptyDirMounts ?? []).map(({ mountPath, medium, sizeLimit }) => ({
      mountPath,
      medium: medium || undefined,
      sizeLimit: sizeLimit || undefined,
    })),
    secretFiles: (config.secretAsVolume ?? []).map((entry) => files(entry, secret(entry))),
    configMapFiles: (config.configMapAsVolume ?? []).map((entry) => files(entry, configMap(entry))),
    secretEnv: (config.secretAsEnv ?? []).flatMap((entry) =>
      (entry.keyToEnv ?? []).map(({ secretKey, envVar }) => ({
        name: secret(entry),
        key: secretKey,
        variable: envVar,
        optional: entry.optional ?? false,
      })),
    ),
    configMapEnv: (config.configMapAsEnv ?? []).flatMap((entry) =>
      (entry.keyToEnv ?? []).map(({ configMapKey, envVar }) => ({
        name: configMap(entry),
        key: configMapKey,
        variable: envVar,
        optional: entry.optional ?? false,
      })),
    ),
    fieldEnv: config.fieldPathAsEnv ?? [],
    imagePullPolicy: config.imagePullPolicy,
    imagePullSecrets: (config.imagePullSecret ?? []).map(secret),
    activeDeadlineSeconds: config.activeDeadlineSeconds || undefined,
    runAsUser: securityContext.runAsUser,
    runAsGroup: securityContext.runAsGroup,
  };
}

function hasSource({ runtimeValue, componentInputParameter, taskOutputParameter }: ParameterSource): boolean {
  return (runtimeValue ?? componentInputParameter ?? taskOutputParameter) !== undefined;
}

function files(entry: { mountPath: string; optional?: boolean | undefined }, name: string) {
  return { name, mountPath: entry.mountPath, optional: entry.optional ?? false };
}

/** Settings may come whole, as a JSON value or as its text. */
function json(source: ParameterSource | undefined, lookUp: LookUp): Json | undefined {
  const value = source && lookUp(source);
  if (typeof value !== "string") return value;
  try {
    return JSON.parse(value) as Json;
  } catch (error) {
    throw new Error(`A setting of the step's pod is "${value}", which is not JSON.`, { cause: error });
  }
}

function record(value: Json | undefined): Record<string, string> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, label]) => [key, textOf(label)]));
}

function objects(value: Json | undefined): object[] {
  return [value ?? []].flat().filter((item) => typeof item === "object" && item !== null);
}

function nodeAffinity(terms: NonNullable<ExecutorConfig["nodeAffinity"]>, lookUp: LookUp): object | undefined {
  const required: object[] = [];
  const preferred: object[] = [];
  let whole: Json | undefined;
  for (const { nodeAffinityJson, weight, ...term } of terms) {
    if (nodeAffinityJson) whole = json(nodeAffinityJson, lookUp);
    else if (weight) preferred.push({ weight, preference: term });
    else required.push(term);
  }
  if (whole !== undefined && typeof whole === "object" && whole !== null) return whole;
  if (required.length + preferred.length === 0) return undefined;
  return {
    ...(required.length > 0 && { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: required } }),
    ...(preferred.length > 0 && { preferredDuringSchedulingIgnoredDuringExecution: preferred }),
  };
}
