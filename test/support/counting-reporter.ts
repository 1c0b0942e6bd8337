import { writeFileSync } from "node:fs";
import Mocha from "mocha";
import type { Counts } from "./counts";

/** Mocha's spec reporter that also leaves its counts in the file that `MOCHA_COUNTS` names. */
class CountingReporter extends Mocha.reporters.Spec {
  constructor(runner: Mocha.Runner, options: Mocha.MochaOptions) {
    super(runner, options);
    runner.once(Mocha.Runner.constants.EVENT_RUN_END, () => {
      const { passes, failures, pending } = this.stats;
      const counts: Counts = { passed: passes, failed: failures, skipped: pending };
      const file = process.env["MOCHA_COUNTS"];
      if (file) writeFileSync(file, JSON.stringify(counts));
    });
  }
}

export = CountingReporter;
