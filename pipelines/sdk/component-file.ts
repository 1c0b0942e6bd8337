import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { parseAllDocuments } from "yaml";
import { typeOfSpec } from "./check-values";
import { callable, type Component } from "./component";
import { fromFirstForm } from "./component-file-v1";
import { fromSecondForm } from "./component-file-v2";
import type { ContainerDefinition } from "./graph";
import { isParameter, type Spec, type Specs } from "./types";

/** A component file that cannot be used: names the file and the part of it, and says what to do. */
export class ComponentFileError extends Error {
  constructor(source: string, fault: string) {
    super(`Component file ${source}: ${fault}`);
    this.name = "ComponentFileError";
  }
}

/** What the program takes the component for; the file must say the same. */
export interface Contract<I extends Specs, O extends Specs> {
  readonly inputs: I;
  readonly outputs: O;
  /** SHA-256 of the file in hexadecimal digits. */
  readonly sha256?: string;
}

const MAX_BYTES = 1 << 20;
const FETCH_MILLISECONDS = 30_000;

/**
 * A component from a `component.yaml` of either form: v1 (`inputs`, `outputs`, `implementation`) or v2 (the IR of one
 * component).
 * @param path a file; relative paths count from the working directory
 */
export function loadComponent<const I extends Specs, const O extends Specs>(
  path: string,
  contract: Contract<I, O>,
): Component<I, O> {
  let content: Buffer;
  try {
    content = readFileSync(path);
  } catch (error) {
    throw new ComponentFileError(path, `it cannot be read (${String(error)}). Check the path.`);
  }
  return fromContent(path, content, contract);
}

/** As `loadComponent`, from an http or https address; what comes must have the checksum. */
export async function fetchComponent<const I extends Specs, const O extends Specs>(
  url: string,
  contract: Contract<I, O> & { readonly sha256: string },
): Promise<Component<I, O>> {
  if (!/^[0-9a-f]{64}$/.test(contract.sha256 ?? ""))
    throw new ComponentFileError(url, "an address needs sha256, 64 hexadecimal digits. Give the checksum of the file.");
  let content: Buffer;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(FETCH_MILLISECONDS) });
    if (!response.ok) throw new Error(`status ${response.status}`);
    content = Buffer.from(await response.arrayBuffer());
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ComponentFileError(
      url,
      `it cannot be fetched (${reason}). Check the address, or keep a copy beside the pipeline.`,
    );
  }
  return fromContent(url, content, contract);
}

function fromContent<I extends Specs, O extends Specs>(
  source: string,
  content: Buffer,
  contract: Contract<I, O>,
): Component<I, O> {
  if (content.length > MAX_BYTES)
    throw new ComponentFileError(source, `it has ${content.length} bytes, no component has. Check what it is.`);
  const sum = createHash("sha256").update(content).digest("hex");
  if (contract.sha256 !== undefined && contract.sha256 !== sum)
    throw new ComponentFileError(
      source,
      `its SHA-256 is ${sum}, not ${contract.sha256}. Read what changed, then change the sum.`,
    );
  const documents = parseAllDocuments(content.toString("utf8"));
  const broken = documents.flatMap(({ errors }) => errors)[0];
  if (broken) throw new ComponentFileError(source, `it is no YAML: ${broken.message}`);
  const parts = documents.map((document) => document.toJS() as unknown).filter((part) => part !== null);
  if (parts.length !== 1)
    throw new ComponentFileError(
      source,
      `it has ${parts.length} documents. One is read; give the rest as settings of steps.`,
    );
  const [part] = parts;
  const refuse = (fault: string): never => {
    throw new ComponentFileError(source, fault);
  };
  const second = typeof part === "object" && part !== null && "pipelineInfo" in part;
  const definition = second ? fromSecondForm(part, refuse) : fromFirstForm(part, refuse);
  checkSide("input", definition.inputs, contract.inputs, refuse);
  checkSide("output", definition.outputs, contract.outputs, refuse);
  return callable<I, O>(definition satisfies ContainerDefinition);
}

/** The file and the program must name the same things with the same types; nothing is found out in the cluster. */
function checkSide(side: "input" | "output", found: Specs, expected: Specs, refuse: (fault: string) => never): void {
  for (const [name, spec] of Object.entries<Spec>(expected)) {
    const actual = found[name];
    if (!actual) {
      const known = Object.keys(found).join(", ") || "none";
      return refuse(`it has no ${side} "${name}", only ${known}. Correct the program or the file.`);
    }
    if (typeOfSpec(actual) !== typeOfSpec(spec))
      refuse(
        `${side} "${name}" is ${typeOfSpec(actual)}, and the program takes it for ${typeOfSpec(spec)}. Correct one of them.`,
      );
    if (isParameter(actual) && isParameter(spec) && spec.omissible && !actual.omissible)
      refuse(`${side} "${name}" has no default, and the program takes it for optional. Correct one of them.`);
  }
  const missing = Object.entries<Spec>(found).find(
    ([name, spec]) => !(name in expected) && !(side === "input" && isParameter(spec) && spec.omissible),
  )?.[0];
  if (missing !== undefined)
    refuse(`it has ${side} "${missing}", which the program does not know. Add it to the ${side}s given with the file.`);
}
