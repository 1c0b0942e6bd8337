/* eslint-disable @typescript-eslint/no-unsafe-return -- inputs of every kind */
import * as pulumi from "@pulumi/pulumi";
import { MockMonitor, setMocks } from "@pulumi/pulumi/runtime/mocks";
import { getMonitor } from "@pulumi/pulumi/runtime/settings";
import { answers } from "./answers";

/** Everything one run of the program registered. */
export interface Deployment<T> {
  /** What the program made, with outputs that are settled. */
  readonly result: T;
  /** Names in order of the alphabet. */
  readonly names: readonly string[];
  readonly resources: readonly Registration[];
  /** The one resource of a name. @throws where there is none or more than one, which an engine refuses as well */
  readonly of: (name: string) => Registration;
  readonly inputsOf: (name: string) => Inputs;
}

/** Inputs as a provider receives them; secrets are unwrapped. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- tests reach deep into manifests of every kind
export type Inputs = any;

/** One registration, as the engine would see it. */
export interface Registration {
  readonly name: string;
  readonly type: string;
  readonly urn: string;
  readonly inputs: Inputs;
  readonly parent: string;
  /** URNs, in the order of the alphabet. */
  readonly dependencies: readonly string[];
  readonly deletedWith: string;
  readonly protect: boolean;
  readonly ignoreChanges: readonly string[];
  /** URN and id of the explicit provider. */
  readonly provider: string;
  readonly providers: Readonly<Record<string, string>>;
}

/** Marks an object as a special value of the engine's protocol, such as a secret. */
const SIGNATURE = "4dabf18193072939515e22adb298388d";

interface RegisterRequest {
  getName(): string;
  getType(): string;
  getParent(): string;
  getDependenciesList(): string[];
  getDeletedwith(): string;
  getProtect(): boolean;
  getIgnorechangesList(): string[];
  getProvider(): string;
  getProvidersMap(): { toObject(): [string, string][] };
}
type Callback = (error: unknown, response: RegisterResponse | undefined) => void;
interface RegisterResponse {
  getUrn(): string;
}

/**
 * Runs a program against a recording stand-in of the engine, and returns once nothing more is registered. A kind of
 * resource or a function that nobody described fails the run.
 */
export async function deploy<T>(program: () => T, stack = "test"): Promise<Deployment<T>> {
  const resources: Registration[] = [];
  const inputs = new Map<string, unknown>();
  const failures: unknown[] = [];
  await setMocks(
    {
      newResource: (args) => {
        inputs.set(`${args.type} ${args.name}`, unwrapped(args.inputs));
        return { id: args.custom ? `${args.name}-id` : undefined, state: answers(args) };
      },
      call: ({ token }) => {
        throw new Error(`The program calls ${token}, which no test has described.`);
      },
    },
    "recommender",
    stack,
  );
  const monitor: unknown = getMonitor();
  if (!(monitor instanceof MockMonitor)) throw new Error("No recording monitor is installed.");
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request: RegisterRequest, callback: Callback) =>
    register(request, (error: unknown, response: RegisterResponse | undefined) => {
      if (error || !response) failures.push(error);
      else resources.push(registration(request, response, inputs.get(`${request.getType()} ${request.getName()}`)));
      callback(error, response);
    });
  const result = await failingWith(failures, program);
  return {
    result,
    resources,
    names: resources.map(({ name }) => name).sort(),
    of: (name) => only(resources, name),
    inputsOf: (name) => only(resources, name).inputs,
  };
}

/** The value of an output once it is settled. */
export function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((done) => output.apply(done));
}

/** Runs the program to its end; what the stand-in refused counts as its error. */
async function failingWith<T>(failures: unknown[], program: () => T): Promise<T> {
  // A refused registration also rejects the outputs of that resource, which nobody may be waiting for.
  const note = (reason: unknown) => failures.push(reason);
  process.on("unhandledRejection", note);
  try {
    const result = program();
    await pulumi.runtime.disconnect();
    if (failures.length > 0) throw failures[0];
    return result;
  } finally {
    process.off("unhandledRejection", note);
  }
}

/** Plain values: secrets travel as objects with a signature, which tests need not know. */
function unwrapped(value: unknown): unknown {
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return value.map(unwrapped);
  if (SIGNATURE in value && "value" in value) return unwrapped(value.value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, unwrapped(inner)]));
}

function registration(request: RegisterRequest, response: RegisterResponse, inputs: unknown): Registration {
  return {
    name: request.getName(),
    type: request.getType(),
    urn: response.getUrn(),
    inputs,
    parent: request.getParent(),
    dependencies: [...request.getDependenciesList()].sort(),
    deletedWith: request.getDeletedwith(),
    protect: request.getProtect(),
    ignoreChanges: request.getIgnorechangesList(),
    provider: request.getProvider(),
    providers: Object.fromEntries(request.getProvidersMap().toObject()),
  };
}

function only(resources: readonly Registration[], name: string): Registration {
  const found = resources.filter((resource) => resource.name === name);
  const [first] = found;
  if (!first || found.length > 1)
    throw new Error(
      `${found.length} resources are named "${name}"; there are ${resources.map((r) => r.name).join(", ")}`,
    );
  return first;
}
