import { installPackages } from "../../local/toolchain/packages";
import { findProgram } from "../../local/toolchain/programs";

/** Programs of libnfs, a client in user space: the kernel of a test machine may have none. */
export async function ensureNfsClient(): Promise<void> {
  if (!findProgram("nfs-ls")) await installPackages(["libnfs-utils"]);
}
