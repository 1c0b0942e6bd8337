import type { PropertyMap } from "../../support/values";
import { at, stringAt } from "../paths";
import type { Session } from "../session";
import { failed, READY, waiting, type Verdict } from "./verdict";

/** A claim is ready when it is bound, or when its class binds it only to the first pod that uses it. */
export async function judgeClaim(live: PropertyMap, session: Pick<Session, "client">): Promise<Verdict> {
  const phase = stringAt(live, ["status", "phase"]);
  if (phase === "Bound") return READY;
  if (phase === "Lost") return failed("its volume is lost");
  const className = stringAt(live, ["spec", "storageClassName"]);
  if (className) {
    const storageClass = await session.client.find(`/apis/storage.k8s.io/v1/storageclasses/${className}`);
    if (at(storageClass, ["volumeBindingMode"]) === "WaitForFirstConsumer") return READY;
    if (!storageClass && stringAt(live, ["spec", "volumeName"]) === undefined) {
      return waiting(
        `not bound: there is no storage class "${className}", so only a volume that names this class can match`,
      );
    }
  }
  return waiting(className ? `not bound, storage class "${className}"` : "not bound: no volume matches it");
}
