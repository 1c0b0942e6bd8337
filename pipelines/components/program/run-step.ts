import { existsSync, writeFileSync } from "node:fs";
import { sentence } from "./step-error";

/** Kubernetes copies it into the status of the pod; absent elsewhere. */
const TERMINATION_LOG = "/dev/termination-log";

/** Runs a step; its report goes to the log as one line, a failure as one sentence, with exit status 1. */
export function runStep(step: () => Promise<unknown>): void {
  step().then(
    (report) => console.log(JSON.stringify(report)),
    (error: unknown) => {
      const line = sentence(error);
      console.error(line);
      if (existsSync(TERMINATION_LOG)) writeFileSync(TERMINATION_LOG, line);
      process.exitCode = 1;
    },
  );
}
