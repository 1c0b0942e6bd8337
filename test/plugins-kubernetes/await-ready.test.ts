import assert from "node:assert/strict";
import { awaitReady } from "../../local/plugins/kubernetes/await-ready";
import type { Session } from "../../local/plugins/kubernetes/session";
import type { PropertyMap } from "../../local/plugins/support/values";

const JOB: PropertyMap = {
  apiVersion: "batch/v1",
  kind: "Job",
  metadata: { name: "prepare", namespace: "default", uid: "1" },
  spec: { selector: { matchLabels: { job: "prepare" } } },
};
const DONE: PropertyMap = { ...JOB, status: { conditions: [{ type: "Complete", status: "True" }] } };
const IMAGE = "registry.example.org/recommender/books-cpu:1";

function podThatWaits(reason: string): PropertyMap {
  const state = { waiting: { reason, message: "not found" } };
  return {
    metadata: { name: "prepare-x", namespace: "default" },
    status: { phase: "Pending", containerStatuses: [{ name: "step", image: IMAGE, state }] },
  };
}

describe("Waiting for a Job", () => {
  const realNow = Date.now;
  let milliseconds: number;
  beforeEach(() => {
    milliseconds = 0;
    Date.now = () => milliseconds;
  });
  afterEach(() => (Date.now = realNow));

  /** A cluster in which time passes only while somebody waits. @param at the Job and its pod after some seconds */
  function cluster(at: (seconds: number) => { job: PropertyMap; pod: PropertyMap }): Session {
    const now = () => at(Date.now() / 1000);
    const find = (path: string) =>
      Promise.resolve(
        path.includes("/events") ? { items: [] } : path.includes("/pods") ? { items: [now().pod] } : now().job,
      );
    const session = {
      client: { find, get: find, text: () => Promise.reject(new Error("no log")) },
      engine: { log: () => undefined },
      signal: new AbortController().signal,
      pause: (more: number) => Promise.resolve(void (milliseconds += more)),
    };
    return session as unknown as Session;
  }
  const wait = (session: Session) => awaitReady(session, "urn", "/jobs/prepare", JOB, 3600);

  for (const reason of ["ErrImagePull", "ImagePullBackOff", "InvalidImageName", "CreateContainerConfigError"]) {
    it(`ends long before its time is over where its container stays in ${reason}, and names image and reason`, async () => {
      const { problem } = await wait(cluster(() => ({ job: JOB, pod: podThatWaits(reason) })));

      assert.match(
        problem ?? "",
        new RegExp(`Job "default/prepare" cannot start: .* image ${IMAGE}: ${reason} \\(not found\\)`),
      );
      assert.ok(Date.now() < 120_000, `it took ${Date.now() / 1000} s`);
    });
  }

  it("goes on where a registry comes back in time", async () => {
    const at = (seconds: number) => ({
      job: seconds > 200 ? DONE : JOB,
      pod: podThatWaits(seconds < 60 || (seconds > 80 && seconds < 160) ? "ImagePullBackOff" : "ContainerCreating"),
    });

    assert.equal((await wait(cluster(at))).problem, undefined);
  });

  it("waits for a node as long as the Job may take", async () => {
    const at = (seconds: number) => ({ job: seconds > 3000 ? DONE : JOB, pod: podThatWaits("ContainerCreating") });

    assert.equal((await wait(cluster(at))).problem, undefined);
  });
});
