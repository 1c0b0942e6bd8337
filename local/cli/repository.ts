import { join } from "node:path";

/** Root of the repository, where Pulumi.yaml is. */
export const REPOSITORY = join(__dirname, "..", "..");

/** Stack file of the local stack, without what only this machine knows. */
export const STACK_FILE = join(REPOSITORY, "stacks", "Pulumi.local.yaml");

export const STACK = "local";
