import { version } from "@pulumi/random/package.json";
import { servePlugin } from "../support/serve";
import { RandomProvider } from "./provider";

servePlugin({ version, create: () => new RandomProvider() }).catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
