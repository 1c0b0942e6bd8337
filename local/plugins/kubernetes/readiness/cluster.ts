import type { PropertyMap } from "../../support/values";
import { stringAt } from "../paths";
import { condition, failed, isTrue, READY, textOf, waiting, type Verdict } from "./verdict";

export function judgeNamespace(live: PropertyMap): Verdict {
  const phase = stringAt(live, ["status", "phase"]);
  return phase === "Active" ? READY : waiting(`phase ${phase ?? "not set"}`);
}

export function judgeCustomResourceDefinition(live: PropertyMap): Verdict {
  const names = condition(live, "NamesAccepted");
  if (names?.status === "False") return failed(textOf(names));
  return isTrue(live, "Established") ? READY : waiting("not established yet");
}

export function judgeApiService(live: PropertyMap): Verdict {
  const available = condition(live, "Available");
  if (available?.status === "True") return READY;
  return waiting(available ? `not available: ${textOf(available)}` : "not available yet");
}
