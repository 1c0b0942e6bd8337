import { existsSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { download } from "./download";
import { sentence } from "./step-error";

/** Kubernetes copies it into the status of the pod; absent elsewhere. */
const TERMINATION_LOG = "/dev/termination-log";

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      source: { type: "string", multiple: true, default: [] },
      sha256: { type: "string", default: "" },
      fname: { type: "string", default: "" },
      cachedir: { type: "string", default: "/mnt/nfs/data" },
      cachesubdir: { type: "string", default: "datasets" },
      task: { type: "string", default: "download-dataset" },
    },
  });
  const { source: sources, ...rest } = values;
  const report = await download({ ...rest, sources }, (line) => console.error(line));
  console.log(JSON.stringify(report));
}

main().catch((error: unknown) => {
  const line = sentence(error);
  console.error(line);
  if (existsSync(TERMINATION_LOG)) writeFileSync(TERMINATION_LOG, line);
  process.exitCode = 1;
});
