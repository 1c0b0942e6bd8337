import type { PropertyMap } from "../../support/values";
import { stringAt } from "../paths";
import { condition, failed, isTrue, READY, textOf, waiting, type Verdict } from "./verdict";

/** A pod is ready when it serves, or when it is done. */
export function judgePod(live: PropertyMap): Verdict {
  const phase = stringAt(live, ["status", "phase"]) ?? "Pending";
  if (phase === "Succeeded" || isTrue(live, "Ready")) return READY;
  if (phase === "Failed") {
    const reason = stringAt(live, ["status", "reason"]);
    const message = stringAt(live, ["status", "message"]);
    return failed([reason, message].filter((part) => part !== undefined).join(": ") || "its containers failed");
  }
  const scheduled = condition(live, "PodScheduled");
  if (scheduled?.status === "False") return waiting(`not scheduled: ${textOf(scheduled)}`);
  const ready = condition(live, "Ready");
  return waiting(ready ? `${phase}, ${textOf(ready)}` : phase);
}
