import type { PropertyMap } from "../../support/values";
import { numberAt, stringAt } from "../paths";
import { condition, failed, isStale, READY, textOf, waiting, type Verdict } from "./verdict";

const NOT_SEEN = waiting("its controller has not seen the change yet");

/** Every replica is of the newest revision and available, and no older one is left. */
export function judgeDeployment(live: PropertyMap): Verdict {
  if (isStale(live)) return NOT_SEEN;
  const progressing = condition(live, "Progressing");
  if (progressing?.reason === "ProgressDeadlineExceeded") return failed(textOf(progressing));
  const wanted = numberAt(live, ["spec", "replicas"], 1);
  const updated = numberAt(live, ["status", "updatedReplicas"]);
  const available = numberAt(live, ["status", "availableReplicas"]);
  const existing = numberAt(live, ["status", "replicas"]);
  if (updated < wanted) return waiting(`${updated} of ${wanted} replicas updated`);
  if (existing > updated) return waiting(`${existing - updated} old replicas still run`);
  return available < wanted ? waiting(`${available} of ${wanted} replicas available`) : READY;
}

export function judgeReplicaSet(live: PropertyMap): Verdict {
  if (isStale(live)) return NOT_SEEN;
  const failure = condition(live, "ReplicaFailure");
  const wanted = numberAt(live, ["spec", "replicas"], 1);
  const available = numberAt(live, ["status", "availableReplicas"]);
  if (available >= wanted) return READY;
  return waiting(`${available} of ${wanted} replicas available${failure ? ` (${textOf(failure)})` : ""}`);
}

/** Every replica that its update strategy may touch is updated and ready. */
export function judgeStatefulSet(live: PropertyMap): Verdict {
  if (isStale(live)) return NOT_SEEN;
  const wanted = numberAt(live, ["spec", "replicas"], 1);
  const ready = numberAt(live, ["status", "readyReplicas"]);
  if (stringAt(live, ["spec", "updateStrategy", "type"]) !== "OnDelete") {
    const partition = numberAt(live, ["spec", "updateStrategy", "rollingUpdate", "partition"]);
    const due = Math.max(wanted - partition, 0);
    const revised = stringAt(live, ["status", "currentRevision"]) === stringAt(live, ["status", "updateRevision"]);
    const updated = revised
      ? numberAt(live, ["status", "currentReplicas"])
      : numberAt(live, ["status", "updatedReplicas"]);
    if (updated < due) return waiting(`${updated} of ${due} replicas updated`);
  }
  return ready < wanted ? waiting(`${ready} of ${wanted} replicas ready`) : READY;
}

/** A daemon set without a node to run on is ready. */
export function judgeDaemonSet(live: PropertyMap): Verdict {
  if (isStale(live)) return NOT_SEEN;
  const wanted = numberAt(live, ["status", "desiredNumberScheduled"]);
  const updated = numberAt(live, ["status", "updatedNumberScheduled"]);
  const available = numberAt(live, ["status", "numberAvailable"]);
  const rolling = stringAt(live, ["spec", "updateStrategy", "type"]) !== "OnDelete";
  if (rolling && updated < wanted) return waiting(`${updated} of ${wanted} nodes updated`);
  return available < wanted ? waiting(`available on ${available} of ${wanted} nodes`) : READY;
}
