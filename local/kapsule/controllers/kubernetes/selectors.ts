import type { LabelSelector, NodeSelector, NodeTaint, Requirement, Toleration } from "../../../kubernetes/objects";

type Labels = Readonly<Record<string, string>>;

/** Whether a node with these labels satisfies a required node affinity; any term suffices, each needs all it lists. */
export function nodeSelectorMatches(selector: NodeSelector, labels: Labels, nodeName: string): boolean {
  return selector.nodeSelectorTerms.some(({ matchExpressions = [], matchFields = [] }) => {
    if (matchExpressions.length + matchFields.length === 0) return false;
    return (
      matchExpressions.every((requirement) => requirementMatches(requirement, labels[requirement.key])) &&
      matchFields.every((requirement) => requirementMatches(requirement, nodeName))
    );
  });
}

/** An empty selector matches everything, an absent one nothing. */
export function labelSelectorMatches(selector: LabelSelector | undefined, labels: Labels = {}): boolean {
  if (!selector) return false;
  return (
    Object.entries(selector.matchLabels ?? {}).every(([key, value]) => labels[key] === value) &&
    (selector.matchExpressions ?? []).every((requirement) => requirementMatches(requirement, labels[requirement.key]))
  );
}

function requirementMatches({ operator, values = [] }: Requirement, value: string | undefined): boolean {
  switch (operator) {
    case "In":
      return value !== undefined && values.includes(value);
    case "NotIn":
      return value === undefined || !values.includes(value);
    case "Exists":
      return value !== undefined;
    case "DoesNotExist":
      return value === undefined;
    case "Gt":
      return value !== undefined && Number(value) > Number(values[0]);
    case "Lt":
      return value !== undefined && Number(value) < Number(values[0]);
    default:
      return false;
  }
}

/** The first taint that keeps a pod with these tolerations away; PreferNoSchedule keeps nobody away. */
export function untoleratedTaint(
  taints: readonly NodeTaint[],
  tolerations: readonly Toleration[] = [],
): NodeTaint | undefined {
  return taints.find(
    (taint) => taint.effect !== "PreferNoSchedule" && !tolerations.some((toleration) => tolerates(toleration, taint)),
  );
}

function tolerates({ key, operator = "Equal", value = "", effect }: Toleration, taint: NodeTaint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (key && key !== taint.key) return false;
  if (operator === "Exists") return true;
  return Boolean(key) && value === (taint.value ?? "");
}
