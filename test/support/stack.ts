import * as pulumi from "@pulumi/pulumi";
import { createRequire } from "node:module";
import { join } from "node:path";
import { NAMESPACE } from "../../infra/settings";
import { deploy, type Deployment } from "./deploy";
import type { RawSettings } from "./settings";

const load = createRequire(__filename);
const INDEX = join(__dirname, "..", "..", "index.ts");

/** Runs index.ts as a stack with these settings would; the result is what it exports. */
export async function deployStack(stack: string, settings: RawSettings): Promise<Deployment<Record<string, unknown>>> {
  const config = Object.entries(settings).map(([key, value]) => [`${NAMESPACE}:${key}`, JSON.stringify(value)]);
  return deploy(() => {
    pulumi.runtime.setAllConfig(Object.fromEntries(config) as Record<string, string>);
    delete load.cache[load.resolve(INDEX)];
    return load(INDEX) as Record<string, unknown>;
  }, stack);
}
