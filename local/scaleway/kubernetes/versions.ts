import { type Route, ok, param, route } from "../server/call";
import { notFound } from "../server/errors";
import { regionOf } from "../server/validation";

interface Version {
  readonly name: string;
  readonly released_at: string;
  readonly deprecated_at: string;
  readonly end_of_life_at: string;
}

/**
 * Newest first. Scaleway lists one patch of each minor; 1.36.4, which this machine runs, stands beside 1.36.1, which
 * Scaleway offered when the list was read.
 */
const VERSIONS: readonly Version[] = [
  version("1.36.4", "2026-07-07", "2027-07-07", "2027-09-07"),
  version("1.36.1", "2026-07-07", "2027-07-07", "2027-09-07"),
  version("1.35.3", "2026-01-19", "2027-01-19", "2027-03-19"),
  version("1.34.6", "2025-09-29", "2026-09-29", "2026-11-29"),
  version("1.33.10", "2025-09-04", "2026-09-04", "2026-11-04"),
];

export const CNIS = ["cilium", "cilium_native", "calico", "kilo", "none"] as const;
export const FEATURE_GATES = [
  "HPAScaleToZero",
  "CPUManagerPolicyAlphaOptions",
  "ImageVolume",
  "MutatingAdmissionPolicy",
];
export const ADMISSION_PLUGINS = ["AlwaysPullImages", "PodNodeSelector", "PodTolerationRestriction"];

const KUBELET_ARGS = {
  containerLogMaxFiles: "uint16",
  containerLogMaxSize: "quantity",
  cpuCFSQuota: "bool",
  cpuCFSQuotaPeriod: "duration",
  cpuManagerPolicy: "enum:none|static",
  cpuManagerPolicyOptions: "map[string]string",
  enableDebuggingHandlers: "bool",
  evictionHard: "map[string]string",
  evictionMinimumReclaim: "map[string]string",
  imageGCHighThresholdPercent: "uint32",
  imageGCLowThresholdPercent: "uint32",
  maxParallelImagePulls: "int32",
  maxPods: "uint16",
  registryBurst: "int32",
  registryPullQPS: "int32",
  serializeImagePulls: "bool",
};

function version(name: string, released: string, deprecated: string, endOfLife: string): Version {
  const midnight = (day: string) => `${day}T00:00:00Z`;
  return {
    name,
    released_at: midnight(released),
    deprecated_at: midnight(deprecated),
    end_of_life_at: midnight(endOfLife),
  };
}

/** Kubernetes versions that clusters may have. */
export function versionRoutes(): Route[] {
  return [
    route("GET", "/k8s/v1/regions/{region}/versions", "k8s.ListVersions", (call) => {
      const region = regionOf(call);
      return ok({ versions: VERSIONS.map((each) => view(each, region)) });
    }),
    route("GET", "/k8s/v1/regions/{region}/versions/{version}", "k8s.GetVersion", (call) => {
      const region = regionOf(call);
      const found = VERSIONS.find(({ name }) => name === param(call, "version"));
      if (!found) throw notFound("version", param(call, "version"));
      return ok(view(found, region));
    }),
  ];
}

function view(each: Version, region: string) {
  return {
    ...each,
    region,
    label: `Kubernetes ${each.name}`,
    available_cnis: CNIS,
    available_container_runtimes: ["containerd"],
    available_feature_gates: FEATURE_GATES,
    available_admission_plugins: ADMISSION_PLUGINS,
    available_kubelet_args: KUBELET_ARGS,
  };
}

/** What is wrong with the version of a new cluster; undefined where nothing is. */
export function versionMistake(name: string): string | undefined {
  const listed = VERSIONS.map((each) => each.name).join(", ");
  return VERSIONS.some((each) => each.name === name)
    ? undefined
    : `version "${name}" is not offered; use one of ${listed}`;
}

/** What is wrong with an upgrade: it moves forward, and by one minor version at most. */
export function upgradeMistake(from: string, to: string): string | undefined {
  const [[, fromMinor = 0, fromPatch = 0], [, toMinor = 0, toPatch = 0]] = [parts(from), parts(to)];
  if (toMinor < fromMinor || (toMinor === fromMinor && toPatch < fromPatch))
    return `a cluster cannot go back from ${from} to ${to}`;
  if (toMinor > fromMinor + 1) return `from ${from}, upgrade to 1.${fromMinor + 1} first`;
  return versionMistake(to);
}

export const upgradeAvailable = (current: string): boolean =>
  VERSIONS.some(({ name }) => name !== current && upgradeMistake(current, name) === undefined);

const parts = (name: string): number[] => name.split(".").map(Number);
