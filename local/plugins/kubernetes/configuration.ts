import { stripSecrets, UNKNOWN, type PropertyMap, type PropertyValue } from "../support/values";

/** The settings of a `kubernetes.Provider` that this plugin honours. */
export interface Configuration {
  /** Content or path of a kubeconfig; undefined: KUBECONFIG, else ~/.kube/config. */
  readonly kubeconfig: string | undefined;
  readonly context: string | undefined;
  /** Name of a cluster entry that replaces the context's own. */
  readonly cluster: string | undefined;
  /** Namespace of objects that name none; undefined: the context's, else `default`. */
  readonly namespace: string | undefined;
  readonly patchForce: boolean;
  /** A cluster that cannot be reached counts as gone with all it held. */
  readonly deleteUnreachable: boolean;
  /** Changed data of ConfigMaps and Secrets is written in place; otherwise it makes a new object, as officially. */
  readonly configMapMutable: boolean;
  readonly secretMutable: boolean;
}

/** @throws Error on settings that would change what every resource does and that this plugin does not have */
export function readConfiguration(args: PropertyMap, env: NodeJS.ProcessEnv = process.env): Configuration {
  const settings = stripSecrets(args);
  if (text(settings["renderYamlToDirectory"])) {
    throw new Error(
      "Provider setting renderYamlToDirectory: this stand-in plugin writes to a cluster only. Remove the setting, or use the official pulumi-kubernetes plugin.",
    );
  }
  if (settings["enableServerSideApply"] !== undefined && !flag(settings["enableServerSideApply"])) {
    throw new Error(
      "Provider setting enableServerSideApply is false: this stand-in plugin has server-side apply only. Remove the setting, or use the official pulumi-kubernetes plugin.",
    );
  }
  return {
    kubeconfig: text(settings["kubeconfig"]),
    context: text(settings["context"]),
    cluster: text(settings["cluster"]),
    namespace: text(settings["namespace"]),
    patchForce: flag(settings["enablePatchForce"], env["PULUMI_K8S_ENABLE_PATCH_FORCE"]),
    deleteUnreachable: flag(settings["deleteUnreachable"], env["PULUMI_K8S_DELETE_UNREACHABLE"]),
    configMapMutable: flag(settings["enableConfigMapMutable"], env["PULUMI_K8S_ENABLE_CONFIGMAP_MUTABLE"]),
    secretMutable: flag(settings["enableSecretMutable"], env["PULUMI_K8S_ENABLE_SECRET_MUTABLE"]),
  };
}

function text(value: PropertyValue | undefined): string | undefined {
  return typeof value === "string" && value !== "" && value !== UNKNOWN ? value : undefined;
}

/** The SDK sends everything but plain strings as JSON text. */
function flag(value: PropertyValue | undefined, fallback?: string): boolean {
  const given = value ?? fallback;
  return given === true || given === "true";
}
