import { ensureTools } from "../toolchain/ensure-tools";
import { checkMachine } from "../toolchain/machine";
import { Phases } from "./phases";

/** Builds and installs what the local stack runs on, and starts nothing. */
export async function prepare(): Promise<void> {
  await checkMachine();
  await new Phases().run("Tools", (detail) => ensureTools(detail));
}
