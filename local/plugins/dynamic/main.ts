import { createRequire } from "node:module";
import { join } from "node:path";
import { exitWhenParentDies } from "../support/serve";

/**
 * Does what the script does that comes with the official language host: runs the SDK's own server of dynamic resources,
 * from the node_modules of the program, in whose folder the engine starts plugins. The server reads the engine's
 * address from the command line itself.
 */
function serveDynamicResources(): void {
  const program = createRequire(join(process.cwd(), "package.json"));
  let server: string;
  try {
    server = program.resolve("@pulumi/pulumi/cmd/dynamic-provider");
  } catch {
    throw new Error(`${process.cwd()} has no @pulumi/pulumi. Run "npm install" there.`);
  }
  program(server);
}

serveDynamicResources();
// The SDK's server would outlive an engine that was killed outright.
exitWhenParentDies(() => process.exit(1));
