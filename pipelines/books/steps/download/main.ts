import { parseArgs } from "node:util";
import { runStep } from "../../../components/program/run-step";
import { StepOutputs } from "../../../components/program/step-outputs";
import { download } from "./download";

runStep(async () => {
  const { values } = parseArgs({
    options: {
      source: { type: "string", multiple: true, default: [] },
      sha256: { type: "string", default: "" },
      fname: { type: "string", default: "" },
      extract: { type: "string", default: "true" },
      cachedir: { type: "string", default: "/mnt/nfs/data" },
      cachesubdir: { type: "string", default: "datasets" },
      "folder-per-checksum": { type: "boolean", default: false },
      task: { type: "string", default: "download-dataset" },
      "executor-input": { type: "string" },
    },
  });
  const {
    source: sources,
    extract,
    "folder-per-checksum": folderPerChecksum,
    "executor-input": input,
    ...rest
  } = values;
  const outputs = new StepOutputs(input);
  const options = { ...rest, sources, extract: extract === "true", folderPerChecksum };
  const report = await download(options, (line) => console.error(line));
  await outputs.parameter("directory", report.directory);
  return report;
});
