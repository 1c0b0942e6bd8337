import type { PropertyMap } from "../../support/values";
import { listAt, stringAt } from "../paths";
import { READY, waiting, type Verdict } from "./verdict";

/** A load balancer is ready when it has an address; every other service is at once. */
export function judgeService(live: PropertyMap): Verdict {
  if (stringAt(live, ["spec", "type"]) !== "LoadBalancer") return READY;
  const addresses = listAt(live, ["status", "loadBalancer", "ingress"]);
  return addresses.length > 0 ? READY : waiting("its load balancer has no address yet");
}
