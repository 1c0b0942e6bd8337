import { exceeds, parseQuantity } from "../../../pipelines/sdk/quantity";
import type { JsonObject } from "../model";
import type { Faults } from "./faults";
import type { ContainerComponent } from "./pipeline";
import type { ContainerSpec } from "./pipeline-spec";
import {
  type Argument,
  parseArgument,
  parseTemplate,
  type Reference,
  referencesOf,
  type Template,
} from "./placeholders";
import { checkPlatform, maxStaleness } from "./read-platform";
import type { ExecutorConfig } from "./platform-spec";
import type { Face } from "./read-interface";

/** Repository, then tag or digest or both; what a container runtime would refuse only on the node is refused here. */
const IMAGE =
  /^(?:[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d+)?\/)?[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;
const ENVIRONMENT_NAME = /^[A-Za-z_][A-Za-z0-9_.-]*$/;

/** A component that runs a container. */
export function readContainer(
  face: Face,
  spec: ContainerSpec,
  platform: { readonly config: ExecutorConfig; readonly path: string },
  at: string,
  faults: Faults,
): ContainerComponent {
  const path = `${at}.container`;
  const read = new ContainerReading(face, path, faults);
  const { command = [], args = [], env = [], resources = {} } = spec;
  if (command.length + args.length === 0)
    faults.add(path, "needs a command or args: the entry point of an image is not used");
  if (spec.image.startsWith("argostub/"))
    faults.add(
      `${path}.image`,
      `"${spec.image}" makes or removes a claim, which this backend leaves to whoever manages the cluster: mount an existing claim by its name`,
    );
  else if (!spec.image.includes("{{$") && !IMAGE.test(spec.image))
    faults.add(`${path}.image`, `"${spec.image}" is not the name of an image`);
  for (const { name } of env)
    if (!ENVIRONMENT_NAME.test(name)) faults.add(`${path}.env`, `"${name}" is not the name of a variable`);
  for (const [name, { list }] of Object.entries(face.outputArtifacts))
    if (list)
      faults.add(path, `output "${name}" of component "${face.name}" is a list of artifacts: only loops have such`);
  const { requests, limits } = sizes(resources);
  for (const name of ["cpu", "memory"] as const)
    if (exceeds(requests[name], limits[name]))
      faults.add(
        `${path}.resources`,
        `the ${name} request "${requests[name]}" is more than the limit "${limits[name]}"`,
      );
  checkPlatform(platform.config, platform.path, faults);
  return {
    ...face,
    kind: "container",
    image: read.template(spec.image, "image"),
    command: command.flatMap((text, index) => read.argument(text, `command[${index}]`)),
    args: args.flatMap((text, index) => read.argument(text, `args[${index}]`)),
    env: env.map(({ name, value }) => ({ name, value: read.template(value ?? "", `env.${name}`) })),
    requests: read.quantities(requests),
    limits: read.quantities({ ...limits, ...accelerators(resources.accelerator, path, faults) }),
    platform: platform.config,
    maxStaleness: faults.attempt(platform.path, () => maxStaleness(platform.config)),
    written: { image: spec.image, command, args } satisfies JsonObject,
  };
}

/** What a step asks for, from the texts of newer compilers or the numbers of older ones. */
function sizes(resources: NonNullable<ContainerSpec["resources"]>) {
  return {
    requests: {
      cpu: resources.resourceCpuRequest ?? cores(resources.cpuRequest),
      memory: resources.resourceMemoryRequest ?? gigabytes(resources.memoryRequest),
    },
    limits: {
      cpu: resources.resourceCpuLimit ?? cores(resources.cpuLimit),
      memory: resources.resourceMemoryLimit ?? gigabytes(resources.memoryLimit),
    },
  };
}

class ContainerReading {
  constructor(
    private readonly face: Face,
    private readonly path: string,
    private readonly faults: Faults,
  ) {}

  template(text: string, field: string): Template {
    const template = this.faults.attempt(`${this.path}.${field}`, () => parseTemplate(text)) ?? [];
    for (const part of template) if (typeof part !== "string") this.check(part, field);
    return template;
  }

  argument(text: string, field: string): Argument[] {
    const argument = this.faults.attempt(`${this.path}.${field}`, () => parseArgument(text));
    if (!argument) return [];
    for (const { reference } of referencesOf(argument)) this.check(reference, field);
    this.checkChoices(argument, field);
    return [argument];
  }

  quantities(values: Readonly<Record<string, string | undefined>>): Readonly<Record<string, Template>> {
    const quantities: Record<string, Template> = {};
    for (const [name, value] of Object.entries(values)) {
      if (value === undefined || value === "") continue;
      if (!value.includes("{{$") && parseQuantity(value) === undefined)
        this.faults.add(`${this.path}.resources`, `${name} "${value}" is not a quantity such as "500m" or "2Gi"`);
      quantities[name] = this.template(value, `resources.${name}`);
    }
    return quantities;
  }

  private checkChoices(argument: Argument, field: string): void {
    if (argument.kind === "concat") for (const item of argument.items) this.checkChoices(item, field);
    if (argument.kind !== "if-present") return;
    if (!(argument.input in this.face.parameters) && !(argument.input in this.face.artifacts))
      this.missing(field, `input "${argument.input}"`);
    for (const item of [...argument.then, ...argument.otherwise]) this.checkChoices(item, field);
  }

  private check(reference: Reference, field: string): void {
    const { face } = this;
    switch (reference.kind) {
      case "input-parameter":
        if (!(reference.name in face.parameters)) this.missing(field, `input parameter "${reference.name}"`);
        return;
      case "output-file":
        if (!(reference.name in face.outputParameters)) this.missing(field, `output parameter "${reference.name}"`);
        return;
      case "artifact":
      case "metadata": {
        const there = reference.side === "inputs" ? face.artifacts : face.outputArtifacts;
        const side = reference.side === "inputs" ? "input" : "output";
        if (!(reference.name in there)) this.missing(field, `${side} artifact "${reference.name}"`);
      }
    }
  }

  private missing(field: string, what: string): void {
    this.faults.add(`${this.path}.${field}`, `component "${this.face.name}" has no ${what}`);
  }
}

function cores(value: number | undefined): string | undefined {
  return value ? String(value) : undefined;
}

function gigabytes(value: number | undefined): string | undefined {
  return value ? `${Math.round(value * 1e9)}` : undefined;
}

function accelerators(
  accelerator: NonNullable<ContainerSpec["resources"]>["accelerator"],
  path: string,
  faults: Faults,
): Record<string, string> {
  if (!accelerator) return {};
  const type = accelerator.resourceType ?? accelerator.type;
  const count = accelerator.resourceCount ?? (accelerator.count === undefined ? "1" : String(accelerator.count));
  if (type) return count === "0" ? {} : { [type]: count };
  faults.add(`${path}.resources.accelerator`, 'names no resourceType such as "nvidia.com/gpu"');
  return {};
}
