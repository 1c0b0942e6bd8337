import { version } from "@pulumiverse/scaleway/package.json";
import { servePlugin } from "../support/serve";
import { Bridge } from "./bridge";
import { providerEnvironment } from "./environment";
import { ScalewayProvider } from "./provider";

const { env } = process;

servePlugin({
  version,
  create(engine) {
    const binary = env["TERRAFORM_PROVIDER_SCALEWAY"] ?? "terraform-provider-scaleway";
    return new ScalewayProvider(new Bridge(engine, binary, providerEnvironment(env)), engine);
  },
}).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
