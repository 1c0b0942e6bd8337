import { servePlugin } from "../support/serve";
import { kubernetesProvider } from "./provider";

/** Version of the npm package `@pulumi/kubernetes` whose resources these are. */
const VERSION = "4.34.2";

void servePlugin({ version: VERSION, create: kubernetesProvider });
