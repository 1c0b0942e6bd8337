import type { CheckFailure, EngineLog } from "../support/provider";
import type { AttributePath, Diagnostic } from "./protocol";
import type { ObjectType, Type } from "./schema";

const ERROR = 1;

/** Sentences of the errors among some diagnostics. */
export function errorsOf(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.filter(({ severity }) => severity === ERROR).map(sentence);
}

/** Shows the warnings beside their resource. */
export function logWarnings(engine: EngineLog, diagnostics: readonly Diagnostic[], urn?: string): void {
  for (const diagnostic of diagnostics) {
    if (diagnostic.severity !== ERROR) engine.log("warning", sentence(diagnostic), { urn });
  }
}

/** @throws where there is an error among the diagnostics */
export function throwErrors(diagnostics: readonly Diagnostic[]): void {
  const errors = errorsOf(diagnostics);
  if (errors.length > 0) throw new Error(errors.join("\n"));
}

/** Errors of a validation, each at its property. */
export function checkFailures(type: ObjectType, diagnostics: readonly Diagnostic[]): CheckFailure[] {
  return diagnostics
    .filter(({ severity }) => severity === ERROR)
    .map((diagnostic) => ({ property: propertyPath(type, diagnostic.attribute), reason: sentence(diagnostic) }));
}

function sentence({ summary, detail }: Diagnostic): string {
  return detail === "" || detail === summary ? summary : `${summary}: ${detail}`;
}

/** Pulumi's path of a provider's attribute path, such as `ipv4Subnet.subnet` or `tags[0]`. */
export function propertyPath(type: ObjectType, path: AttributePath | null): string {
  let current: Type = type;
  let single = false;
  let text = "";
  for (const step of path?.steps ?? []) {
    if (step.attribute_name !== undefined) {
      const field: ObjectType["fields"][string] | undefined =
        current.kind === "object" ? current.fields[step.attribute_name] : undefined;
      if (!field) return text;
      text += text === "" ? field.property : `.${field.property}`;
      current = field.type;
      single = field.single;
      continue;
    }
    if (!single) text += `[${step.element_key_int ?? JSON.stringify(step.element_key_string ?? "")}]`;
    single = false;
    if ("element" in current) current = current.element;
  }
  return text;
}
