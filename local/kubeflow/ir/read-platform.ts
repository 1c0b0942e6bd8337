import { parseQuantity } from "../../../pipelines/sdk/quantity";
import type { Faults } from "./faults";
import type { ParameterSource } from "./pipeline-spec";
import type { ExecutorConfig } from "./platform-spec";

/**
 * Annotation of a step's pod that bounds the age of a result taken from the cache, in ISO 8601. The pipelines' own
 * vocabulary writes it; the proto has no field for it.
 */
export const MAX_CACHE_STALENESS = "pipelines.recommender/max-cache-staleness";

/** Paths in a step's container that belong to the backend. */
export const ARTIFACTS_PATH = "/s3";
export const OUTPUTS_PATH = "/tmp/kfp/outputs";

/** Milliseconds of the annotation, if the step has it. @throws Error for another form */
export function maxStaleness({ podMetadata }: ExecutorConfig): number | undefined {
  const text = podMetadata?.annotations?.[MAX_CACHE_STALENESS];
  return text === undefined ? undefined : isoDuration(text);
}

/** Milliseconds of `P7D`, `PT12H` or `P1DT6H30M`; without years and months, whose length varies. */
export function isoDuration(text: string): number {
  const match = /^P(?:(\d+)W)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?$/.exec(text);
  if (!match || /[PT]$/.test(text))
    throw new Error(`the annotation ${MAX_CACHE_STALENESS} "${text}" must be a duration such as "P7D" or "PT12H"`);
  const units = [7 * 86_400_000, 86_400_000, 3_600_000, 60_000, 1000];
  return units.reduce((sum, unit, index) => sum + Number(match[index + 1] ?? 0) * unit, 0);
}

/** Refuses what the namespace would refuse, or what would fail on a node only. */
export function checkPlatform(config: ExecutorConfig, path: string, faults: Faults): void {
  if (config.securityContext?.runAsUser === 0 || config.securityContext?.runAsNonRoot === false)
    faults.add(`${path}.securityContext`, "steps do not run as root here: choose a runAsUser above 0");
  checkMounts(config, path, faults);
  checkNames(config, path, faults);
  for (const { volumeName, sizeLimit, medium } of config.emptyDirMounts ?? []) {
    const at = `${path}.emptyDirMounts.${volumeName}`;
    if (sizeLimit && parseQuantity(sizeLimit) === undefined)
      faults.add(at, `sizeLimit "${sizeLimit}" is not a quantity such as "1Gi"`);
    if (medium && medium !== "Memory") faults.add(at, `medium "${medium}" must be "Memory" or absent`);
  }
  for (const { key, operator, value } of config.tolerations ?? []) {
    if (operator === "Exists" && value)
      faults.add(`${path}.tolerations`, `operator Exists of "${key ?? ""}" takes no value`);
    if (!key && operator === "Equal") faults.add(`${path}.tolerations`, "without a key the operator must be Exists");
  }
}

function checkMounts(config: ExecutorConfig, path: string, faults: Faults): void {
  const taken = new Map<string, string>();
  const mounts = [
    ...(config.pvcMount ?? []),
    ...(config.secretAsVolume ?? []),
    ...(config.configMapAsVolume ?? []),
    ...(config.emptyDirMounts ?? []),
  ];
  for (const { mountPath } of mounts) {
    const plain = mountPath.replace(/\/+$/, "");
    if (!mountPath.startsWith("/") || plain === "" || mountPath.includes(":"))
      faults.add(path, `mountPath "${mountPath}" must be an absolute path below /`);
    if (taken.has(plain)) faults.add(path, `two volumes are mounted at "${mountPath}"`);
    for (const own of [ARTIFACTS_PATH, OUTPUTS_PATH])
      if (plain === own || own.startsWith(`${plain}/`) || plain.startsWith(`${own}/`))
        faults.add(path, `mountPath "${mountPath}" covers ${own}, where artifacts and outputs are`);
    taken.set(plain, mountPath);
  }
  for (const { subPath } of config.pvcMount ?? [])
    if (subPath && (subPath.startsWith("/") || subPath.split("/").includes("..")))
      faults.add(path, `subPath "${subPath}" must be relative and without ".."`);
}

/** Every reference to an object needs its name, one way. */
function checkNames(config: ExecutorConfig, path: string, faults: Faults): void {
  const check = (kind: string, source: ParameterSource | undefined, plain: string | undefined) => {
    const given = source && (source.runtimeValue ?? source.componentInputParameter ?? source.taskOutputParameter);
    if (!given && !plain) faults.add(`${path}.${kind}`, "an entry names no object");
  };
  for (const mount of config.pvcMount ?? [])
    check(
      "pvcMount",
      mount.pvcNameParameter,
      mount.constant ?? mount.componentInputParameter ?? mount.taskOutputParameter?.producerTask,
    );
  for (const kind of ["secretAsEnv", "secretAsVolume", "imagePullSecret"] as const)
    for (const entry of config[kind] ?? []) check(kind, entry.secretNameParameter, entry.secretName);
  for (const kind of ["configMapAsEnv", "configMapAsVolume"] as const)
    for (const entry of config[kind] ?? []) check(kind, entry.configMapNameParameter, entry.configMapName);
}
