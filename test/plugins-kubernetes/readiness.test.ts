import assert from "node:assert/strict";
import { judgeJob } from "../../local/plugins/kubernetes/readiness/job";
import { judgePod } from "../../local/plugins/kubernetes/readiness/pod";
import { judgeService } from "../../local/plugins/kubernetes/readiness/network";
import { judgeDaemonSet, judgeDeployment, judgeStatefulSet } from "../../local/plugins/kubernetes/readiness/workloads";
import type { Verdict } from "../../local/plugins/kubernetes/readiness/verdict";
import type { PropertyMap } from "../../local/plugins/support/values";

const live = (spec: PropertyMap, status: PropertyMap, generation = 2): PropertyMap => ({
  metadata: { generation },
  spec,
  status: { observedGeneration: 2, ...status },
});
const condition = (type: string, status: string, reason = "", message = "") => ({
  conditions: [{ type, status, reason, message }],
});

describe("Readiness of a Kubernetes object", () => {
  const cases: readonly [string, Verdict, Verdict["state"], RegExp?][] = [
    ["a Deployment whose change was not seen", judgeDeployment(live({ replicas: 1 }, {}, 3)), "waiting", /not seen/],
    [
      "a Deployment with an old replica",
      judgeDeployment(live({ replicas: 1 }, { replicas: 2, updatedReplicas: 1, availableReplicas: 2 })),
      "waiting",
      /1 old replicas/,
    ],
    [
      "a Deployment with every replica available",
      judgeDeployment(live({ replicas: 2 }, { replicas: 2, updatedReplicas: 2, availableReplicas: 2 })),
      "ready",
    ],
    ["a Deployment of no replica", judgeDeployment(live({ replicas: 0 }, {})), "ready"],
    [
      "a Deployment past its deadline",
      judgeDeployment(live({ replicas: 1 }, condition("Progressing", "False", "ProgressDeadlineExceeded", "too slow"))),
      "failed",
      /too slow/,
    ],
    [
      "a StatefulSet in its first revision",
      judgeStatefulSet(
        live({ replicas: 2 }, { currentRevision: "1", updateRevision: "1", currentReplicas: 2, readyReplicas: 2 }),
      ),
      "ready",
    ],
    [
      "a StatefulSet half updated",
      judgeStatefulSet(
        live({ replicas: 2 }, { currentRevision: "1", updateRevision: "2", updatedReplicas: 1, readyReplicas: 2 }),
      ),
      "waiting",
      /1 of 2 replicas updated/,
    ],
    ["a DaemonSet without a node", judgeDaemonSet(live({}, { desiredNumberScheduled: 0 })), "ready"],
    [
      "a DaemonSet not yet everywhere",
      judgeDaemonSet(live({}, { desiredNumberScheduled: 2, updatedNumberScheduled: 2, numberAvailable: 1 })),
      "waiting",
      /1 of 2 nodes/,
    ],
    ["a Job at work", judgeJob(live({}, { active: 1, failed: 2 })), "waiting", /0 of 1 complete, 1 active, 2 failed/],
    ["a Job that is done", judgeJob(live({}, condition("Complete", "True"))), "ready"],
    ["a suspended Job", judgeJob(live({ suspend: true }, {})), "ready"],
    [
      "a Job that failed",
      judgeJob(live({}, condition("Failed", "True", "DeadlineExceeded", "late"))),
      "failed",
      /DeadlineExceeded: late/,
    ],
    ["a Pod that serves", judgePod(live({}, { phase: "Running", ...condition("Ready", "True") })), "ready"],
    ["a Pod that is done", judgePod(live({}, { phase: "Succeeded" })), "ready"],
    ["a Pod that failed", judgePod(live({}, { phase: "Failed", reason: "Evicted" })), "failed", /Evicted/],
    [
      "a Pod without a node",
      judgePod(live({}, condition("PodScheduled", "False", "Unschedulable", "no GPU"))),
      "waiting",
      /not scheduled: Unschedulable: no GPU/,
    ],
    ["a cluster-internal Service", judgeService(live({ type: "ClusterIP" }, {})), "ready"],
    ["a load balancer without an address", judgeService(live({ type: "LoadBalancer" }, {})), "waiting", /address/],
  ];
  for (const [what, verdict, state, reason = /^$/] of cases) {
    it(`judges ${what} ${state}`, () => {
      assert.equal(verdict.state, state);
      assert.match(verdict.state === "ready" ? "" : verdict.reason, reason);
    });
  }
});
