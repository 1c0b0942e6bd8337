const OFFICIAL_ONLY = "this stand-in plugin has none; the official pulumi-kubernetes plugin does";

/**
 * Why a resource type cannot be served here, undefined for an ordinary object. Templates are rendered by the official
 * plugin itself, and patches need its rules of shared ownership.
 *
 * @param objectKind `kind` of the inputs; the type of a patch is called after it (`ConfigMapPatch` patches a `ConfigMap`)
 */
export function unsupportedType(type: string, objectKind: string | undefined): string | undefined {
  const [, module = "", name = ""] = type.split(":");
  if (module.startsWith("helm.sh/"))
    return `Helm releases and charts: ${OFFICIAL_ONLY}. Write the objects as resources.`;
  if (module.startsWith("yaml")) return `YAML files and groups: ${OFFICIAL_ONLY}. Write the objects as resources.`;
  if (module.startsWith("kustomize")) {
    return `Kustomize directories: ${OFFICIAL_ONLY}. Write the objects as resources.`;
  }
  if (name.endsWith("Patch") && objectKind !== undefined && name === `${objectKind}Patch`) {
    return `Patch resources such as ${name}: ${OFFICIAL_ONLY}. Manage the whole object, or change what makes it.`;
  }
  return undefined;
}

/** The answer to a function call, of which the SDK has only those that render templates. */
export function unsupportedFunction(token: string): string {
  return unsupportedType(token, undefined) ?? `Function "${token}": ${OFFICIAL_ONLY}.`;
}
