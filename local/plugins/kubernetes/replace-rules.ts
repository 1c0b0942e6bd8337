import type { PropertyMap, PropertyPath } from "../support/values";
import type { Change } from "./changes";
import type { Configuration } from "./configuration";
import { kindOf } from "./kinds";
import { identityOf } from "./objects";
import { at, formatPath, listAt } from "./paths";
import { isQuantity, quantity } from "./quantity";

/** Fields of a kind that Kubernetes never changes in place. */
interface Rule {
  readonly fields: readonly string[];
  /** Fields below those that do change in place. A `*` stands for any position of a list. */
  readonly except?: readonly string[];
}

/** By group and kind; what the API server's validation calls immutable. */
const RULES: Readonly<Record<string, Rule>> = {
  "apps/Deployment": { fields: ["spec.selector"] },
  "apps/DaemonSet": { fields: ["spec.selector"] },
  "apps/ReplicaSet": { fields: ["spec.selector"] },
  "apps/StatefulSet": {
    fields: ["spec.selector", "spec.serviceName", "spec.podManagementPolicy", "spec.volumeClaimTemplates"],
  },
  "batch/Job": {
    fields: [
      "spec.template",
      "spec.completions",
      "spec.selector",
      "spec.completionMode",
      "spec.podFailurePolicy",
      "spec.successPolicy",
      "spec.managedBy",
    ],
  },
  "/Service": { fields: ["spec.clusterIP"] },
  "/Pod": {
    fields: ["spec"],
    except: [
      "spec.containers.*.image",
      "spec.initContainers.*.image",
      "spec.activeDeadlineSeconds",
      "spec.tolerations",
    ],
  },
  "/PersistentVolumeClaim": {
    fields: ["spec"],
    except: ["spec.resources.requests", "spec.volumeAttributesClassName"],
  },
  "/PersistentVolume": { fields: [...volumeSources(), "spec.volumeMode", "spec.nodeAffinity"] },
  "rbac.authorization.k8s.io/RoleBinding": { fields: ["roleRef"] },
  "rbac.authorization.k8s.io/ClusterRoleBinding": { fields: ["roleRef"] },
  "storage.k8s.io/StorageClass": {
    fields: ["provisioner", "parameters", "reclaimPolicy", "volumeBindingMode"],
  },
  "scheduling.k8s.io/PriorityClass": { fields: ["value", "preemptionPolicy"] },
  "apiextensions.k8s.io/CustomResourceDefinition": {
    fields: ["spec.group", "spec.scope", "spec.names.kind", "spec.names.plural"],
  },
  "/Secret": { fields: ["type"] },
};

/** The way in which a volume is stored; one of these is set, and stays. */
function volumeSources(): string[] {
  const sources = ["csi", "nfs", "hostPath", "local", "iscsi", "fc", "rbd", "cephfs"];
  return sources.map((source) => `spec.${source}`);
}

export type MutableData = Pick<Configuration, "configMapMutable" | "secretMutable">;

/** The changes that only a new object can have. */
export function replacingChanges(
  olds: PropertyMap,
  news: PropertyMap,
  changes: readonly Change[],
  mutable: MutableData,
): Change[] {
  const rules = [identityRule(olds, news), RULES[groupKind(news)], dataRule(olds, news, mutable)];
  return changes.filter((change) => rules.some((rule) => rule && hits(rule, change.path)));
}

/** Another name, namespace or kind is another object. A new version of the same group is the same one. */
function identityRule(olds: PropertyMap, news: PropertyMap): Rule {
  const sameGroup = groupKind(olds) === groupKind(news);
  return { fields: ["metadata.name", "metadata.namespace", "kind", ...(sameGroup ? [] : ["apiVersion"])] };
}

/**
 * ConfigMaps and Secrets are replaced when their data changes, so that a new automatic name rolls the pods that use
 * them: the official plugin's default, switched off by its settings. `immutable: true` leaves no choice.
 */
function dataRule(olds: PropertyMap, news: PropertyMap, mutable: MutableData): Rule | undefined {
  const key = groupKind(news);
  if (key !== "/ConfigMap" && key !== "/Secret") return undefined;
  const fields = ["data", "binaryData", "stringData"];
  if (olds["immutable"] === true) return { fields: [...fields, "immutable"] };
  return (key === "/ConfigMap" ? mutable.configMapMutable : mutable.secretMutable) ? undefined : { fields };
}

function groupKind(object: PropertyMap): string {
  const { apiVersion, kind } = identityOf(object);
  return `${kindOf(apiVersion, kind).group}/${kind}`;
}

/** A change above an immutable field (all of `spec` is unknown, say) may change it too. */
function hits({ fields, except = [] }: Rule, path: PropertyPath): boolean {
  if (except.some((pattern) => isBelow(pattern, path))) return false;
  return fields.some((pattern) => isBelow(pattern, path) || isAbove(pattern, path));
}

function isBelow(pattern: string, path: PropertyPath): boolean {
  const steps = pattern.split(".");
  return steps.length <= path.length && steps.every((step, index) => step === "*" || step === path[index]);
}

function isAbove(pattern: string, path: PropertyPath): boolean {
  const steps = pattern.split(".");
  return path.length < steps.length && path.every((step, index) => steps[index] === "*" || step === steps[index]);
}

/** Whether the fields named by a refusal, such as `spec.template`, contain or are contained in a changed path. */
export function concerns(fields: readonly string[], path: PropertyPath): boolean {
  const changed = formatPath(path);
  return fields.some((field) => field === "" || changed.startsWith(field) || field.startsWith(changed));
}

/** A Job that has failed stays so: only a new one runs again. */
export function hasFailed(object: PropertyMap): boolean {
  if (object["kind"] !== "Job") return false;
  const conditions = listAt(object, ["status", "conditions"]);
  return conditions.some((condition) => at(condition, ["type"]) === "Failed" && at(condition, ["status"]) === "True");
}

/**
 * Refuses to shrink a bound claim.
 *
 * @throws Error that names claim and sizes
 */
export function refuseShrinking(live: PropertyMap, olds: PropertyMap, news: PropertyMap, description: string): void {
  if (news["kind"] !== "PersistentVolumeClaim" || at(live, ["status", "phase"]) !== "Bound") return;
  const size = ["spec", "resources", "requests", "storage"];
  const [from, to] = [at(olds, size), at(news, size)];
  if (!isQuantity(from) || !isQuantity(to) || quantity(to) >= quantity(from)) return;
  throw new Error(
    `${description} would shrink from ${from} to ${to}: Kubernetes cannot shrink a bound claim, and a new one would lose the data. ` +
      `Keep ${from}, or make a claim under another name and copy the data.`,
  );
}
