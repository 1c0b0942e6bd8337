import type { PropertyMap } from "../../support/values";
import { at, numberAt } from "../paths";
import { condition, failed, isTrue, READY, textOf, waiting, type Verdict } from "./verdict";

/** A Job is ready when it is done. A suspended one waits for somebody else. */
export function judgeJob(live: PropertyMap): Verdict {
  if (isTrue(live, "Complete") || isTrue(live, "SuccessCriteriaMet") || at(live, ["spec", "suspend"]) === true) {
    return READY;
  }
  const failure = condition(live, "Failed");
  if (failure?.status === "True") return failed(textOf(failure));
  const wanted = numberAt(live, ["spec", "completions"], 1);
  const done = numberAt(live, ["status", "succeeded"]);
  const active = numberAt(live, ["status", "active"]);
  const attempts = numberAt(live, ["status", "failed"]);
  const parts = [`${done} of ${wanted} complete`, `${active} active`, ...(attempts > 0 ? [`${attempts} failed`] : [])];
  return waiting(parts.join(", "));
}
