import type { PropertyMap } from "../../support/values";
import { kindOf } from "../kinds";
import { identityOf } from "../objects";
import type { Session } from "../session";
import { judgeApiService, judgeCustomResourceDefinition, judgeNamespace } from "./cluster";
import { warningEvents } from "./events";
import { judgeJob } from "./job";
import { judgeService } from "./network";
import { judgePod } from "./pod";
import { block, blockOf, explainFailure, podsOf, troubleOf } from "./pods";
import { judgeClaim } from "./storage";
import { READY, type Verdict } from "./verdict";
import { judgeDaemonSet, judgeDeployment, judgeReplicaSet, judgeStatefulSet } from "./workloads";

type Judge = (live: PropertyMap, session: Session) => Verdict | Promise<Verdict>;
type FindPods = (session: Session, live: PropertyMap) => Promise<PropertyMap[]>;

interface Readiness {
  readonly judge: Judge;
  /** Pods that tell why it takes so long, or why it failed. */
  readonly pods?: FindPods;
  /** Whether a pod that cannot start is a failure: nobody but us waits for a Job, a rollout has a deadline of its own. */
  readonly mustStart?: boolean;
}

const itself: FindPods = (_, live) => Promise.resolve([live]);

/** What is waited for, by group and kind; every other kind is ready once it is stored. */
const KINDS: Readonly<Record<string, Readiness>> = {
  "apps/Deployment": { judge: judgeDeployment, pods: podsOf },
  "apps/ReplicaSet": { judge: judgeReplicaSet, pods: podsOf },
  "apps/StatefulSet": { judge: judgeStatefulSet, pods: podsOf },
  "apps/DaemonSet": { judge: judgeDaemonSet, pods: podsOf },
  "batch/Job": { judge: judgeJob, pods: podsOf, mustStart: true },
  "/Pod": { judge: judgePod, pods: itself },
  "/PersistentVolumeClaim": { judge: judgeClaim },
  "/Service": { judge: judgeService },
  "/Namespace": { judge: judgeNamespace },
  "apiextensions.k8s.io/CustomResourceDefinition": { judge: judgeCustomResourceDefinition },
  "apiregistration.k8s.io/APIService": { judge: judgeApiService },
};

function readinessOf(live: PropertyMap): Readiness | undefined {
  const { apiVersion, kind } = identityOf(live);
  return KINDS[`${kindOf(apiVersion, kind).group}/${kind}`];
}

/** Whether a live object is ready now. */
export async function judge(session: Session, live: PropertyMap): Promise<Verdict> {
  return (await readinessOf(live)?.judge(live, session)) ?? READY;
}

/** What holds an object up. */
export interface Hindrance {
  /** One line for people; undefined where its pods are fine, or there are none. */
  readonly hint?: string;
  /** Why its pods cannot start unless somebody mends something. */
  readonly block?: string;
}

/** What holds an object up, as its pods tell. */
export async function hindrance(session: Session, live: PropertyMap): Promise<Hindrance> {
  const readiness = readinessOf(live);
  const pods = (await readiness?.pods?.(session, live).catch(() => [])) ?? [];
  const first = (tell: (pod: PropertyMap) => string | undefined) => pods.map(tell).find((text) => text !== undefined);
  return { hint: first(troubleOf), block: readiness?.mustStart ? first(blockOf) : undefined };
}

/** Paragraphs on why an object failed or was not ready in time: its pods, their logs, the warnings about it. */
export async function explainProblem(session: Session, live: PropertyMap): Promise<string[]> {
  const find = readinessOf(live)?.pods;
  const pods = (await find?.(session, live).catch(() => [])) ?? [];
  const paragraphs = await explainFailure(session, pods).catch(() => []);
  if (find === itself) return paragraphs;
  const warnings = await warningEvents(session, live);
  return warnings.length > 0 ? [...paragraphs, block("Warnings", warnings)] : paragraphs;
}
