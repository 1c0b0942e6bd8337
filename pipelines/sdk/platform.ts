import { cacheAnnotations } from "./container";
import { PipelineError } from "./errors";
import type { StepNode } from "./graph";
import type { Part } from "./registry";
import type { Name } from "./settings";
import { checkConnection } from "./check-values";
import type { JsonObject } from "./types";
import type { ParameterReference } from "./values";

/** How a name that is only known in the run gets to the platform's document. */
export type SourceOf = (reference: ParameterReference, field: string) => JsonObject;

/** What a step asks of Kubernetes, message KubernetesExecutorConfig; undefined where it asks for nothing. */
export function platformConfig(step: StepNode, sourceOf: SourceOf): Part | undefined {
  const { settings } = step;
  const volumes = new Set<string>();
  const mountPaths = new Set<string>();
  const mounted = (mountPath: string) => checkMountPath(mountPath, mountPaths, step);
  const nameOf = (name: Name, field: string): JsonObject => {
    if (typeof name === "string") return { runtimeValue: { constant: checkObjectName(name, step, field) } };
    const reference = name as ParameterReference<"STRING">;
    checkConnection(reference, { parameterType: "STRING", omissible: false }, { ...step.place, field });
    return sourceOf(reference, field);
  };
  /** Volumes in a pod bear the names of what they hold. */
  const volumeOf = (name: Name, field: string): JsonObject => {
    if (typeof name === "string") checkVolume(name, volumes, step, field);
    return nameOf(name, field);
  };
  const environment = (keys: Readonly<Record<string, string>>, keyField: string) =>
    Object.keys(keys)
      .sort()
      .map((envVar) => ({ envVar, [keyField]: keys[envVar] }));
  const annotations = { ...settings.annotations, ...cacheAnnotations(step) };
  const labels = settings.labels ?? {};
  const config: Part = {
    nodeSelector: settings.nodeSelector && { labels: settings.nodeSelector },
    tolerations: settings.tolerations?.map(({ tolerationSeconds, ...toleration }) => ({
      ...toleration,
      ...(tolerationSeconds !== undefined && { tolerationSeconds: String(tolerationSeconds) }),
    })),
    pvcMount: settings.volumes?.map(({ claim, mountPath, subPath }) => ({
      pvcNameParameter: volumeOf(claim, `volume at ${mountPath}`),
      mountPath: mounted(mountPath),
      ...(subPath !== undefined && { subPath }),
    })),
    emptyDirMounts: settings.emptyDirs?.map(({ name, mountPath, medium, sizeLimit }) => {
      checkVolume(name, volumes, step, `emptyDir "${name}"`);
      return {
        volumeName: name,
        mountPath: mounted(mountPath),
        ...(medium !== undefined && { medium }),
        ...(sizeLimit !== undefined && { sizeLimit }),
      };
    }),
    secretAsEnv: settings.secretEnv?.map(({ secret, keys, optional = false }) => ({
      secretNameParameter: nameOf(secret, "secretEnv"),
      keyToEnv: environment(keys, "secretKey"),
      optional,
    })),
    secretAsVolume: settings.secretFiles?.map(({ secret, mountPath, optional = false }) => ({
      secretNameParameter: volumeOf(secret, `secret at ${mountPath}`),
      mountPath: mounted(mountPath),
      optional,
    })),
    configMapAsEnv: settings.configMapEnv?.map(({ configMap, keys, optional = false }) => ({
      configMapNameParameter: nameOf(configMap, "configMapEnv"),
      keyToEnv: environment(keys, "configMapKey"),
      optional,
    })),
    configMapAsVolume: settings.configMapFiles?.map(({ configMap, mountPath, optional = false }) => ({
      configMapNameParameter: volumeOf(configMap, `config map at ${mountPath}`),
      mountPath: mounted(mountPath),
      optional,
    })),
    imagePullPolicy: settings.imagePullPolicy,
    imagePullSecret: settings.imagePullSecrets?.map((secret) => ({
      secretNameParameter: nameOf(secret, "imagePullSecrets"),
    })),
    podMetadata: Object.keys({ ...annotations, ...labels }).length > 0 && {
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
    fieldPathAsEnv:
      settings.fieldEnv &&
      Object.entries(settings.fieldEnv)
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([name, fieldPath]) => ({ name, fieldPath })),
    activeDeadlineSeconds: timeout(step),
    securityContext: security(step),
  };
  const set = Object.entries(config).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value)));
  return set.length > 0 ? Object.fromEntries(set) : undefined;
}

function timeout(step: StepNode): string | undefined {
  const { timeoutSeconds } = step.settings;
  if (timeoutSeconds === undefined) return undefined;
  if (Number.isInteger(timeoutSeconds) && timeoutSeconds > 0) return String(timeoutSeconds);
  const fault = `${timeoutSeconds} is no time to run. Give a whole number of seconds from 1.`;
  throw new PipelineError({ ...step.place, field: "timeoutSeconds" }, fault);
}

function security(step: StepNode): Part | undefined {
  const { securityContext } = step.settings;
  if (securityContext?.runAsUser === 0) {
    const fault = "0 is root, which restricted namespaces refuse. Give the number of an ordinary user, such as 65532.";
    throw new PipelineError({ ...step.place, field: "securityContext.runAsUser" }, fault);
  }
  if (!securityContext) return undefined;
  const { runAsUser, runAsGroup, runAsNonRoot } = securityContext;
  return {
    ...(runAsUser !== undefined && { runAsUser: String(runAsUser) }),
    ...(runAsGroup !== undefined && { runAsGroup: String(runAsGroup) }),
    ...(runAsNonRoot !== undefined && { runAsNonRoot }),
  };
}

function checkMountPath(mountPath: string, others: Set<string>, step: StepNode): string {
  const place = { ...step.place, field: "mountPath" };
  if (!mountPath.startsWith("/")) throw new PipelineError(place, `"${mountPath}" is not absolute. Begin it with "/".`);
  if (others.has(mountPath))
    throw new PipelineError(place, `two volumes are mounted at "${mountPath}". Mount one of them elsewhere.`);
  others.add(mountPath);
  return mountPath;
}

function checkObjectName(name: string, step: StepNode, field: string): string {
  if (name.length <= 253 && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(name)) return name;
  const fault = `"${name}" cannot be an object of the cluster. Give at most 253 lower-case letters, digits, \`-\` and \`.\`.`;
  throw new PipelineError({ ...step.place, field }, fault);
}

function checkVolume(name: string, volumes: Set<string>, step: StepNode, field: string): void {
  const place = { ...step.place, field };
  if (!/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) {
    const fault = `"${name}" cannot name a volume in the pod. Name it with at most 63 lower-case letters, digits and \`-\`.`;
    throw new PipelineError(place, fault);
  }
  if (volumes.has(name)) {
    const fault = `"${name}" is mounted twice, and the pod cannot have two volumes of one name. Mount it once, higher up.`;
    throw new PipelineError(place, fault);
  }
  volumes.add(name);
}
