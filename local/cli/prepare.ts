import { ensureTools } from "../toolchain/ensure-tools";
import { checkMachine } from "../toolchain/machine";
import { Interruption } from "./interruption";
import { Phases } from "./phases";

/** Builds and installs what the local stack runs on, and starts nothing. */
export async function prepare(): Promise<void> {
  await checkMachine();
  new Interruption();
  await new Phases().run("Tools", (detail) => ensureTools(detail));
}
