import { answered, type HttpClient } from "../../kubernetes/http-client";
import type { ContainerEnd, ContainerOrder, ContainerProgress } from "./container-runner";
import { CONTAINER } from "./job-manifest";
import { LogFollower } from "./log-follower";
import { judge, type Patience } from "./pod-verdict";
import type { StepPod } from "./step-pod";

export interface JobFollowerOptions {
  readonly client: HttpClient;
  readonly namespace: string;
  /** Path of the Jobs at the API server. */
  readonly jobs: string;
  readonly order: ContainerOrder;
  readonly patience: Patience;
  readonly report: (progress: ContainerProgress) => void;
}

/** Time after which events are read for what the pod itself does not say. */
const SILENCE_MILLISECONDS = 4000;
const EVENTS_EACH_MILLISECONDS = 5000;
/** What is written last may come a moment after the pod says that it ended. */
const LOG_MILLISECONDS = 3000;

interface ClusterEvent {
  readonly reason?: string;
  readonly message?: string;
  readonly type?: string;
}

interface JobStatus {
  readonly status?: {
    readonly conditions?: readonly { type: string; status: string; reason?: string; message?: string }[];
  };
}

/** Follows one Job to the end of its container. */
export class JobFollower {
  private readonly begun = Date.now();
  private seen = false;
  private settled = false;
  private log?: LogFollower;
  private last = "";
  /** Since when the present obstacle is in the way. */
  private obstacle?: { readonly reason: string; readonly since: number };
  private asking = false;
  private askedAt = 0;
  private eventMessage?: string;
  private settle: (end: ContainerEnd) => void = () => undefined;
  private readonly end = new Promise<ContainerEnd>((done) => (this.settle = done));

  constructor(private readonly options: JobFollowerOptions) {}

  /** Rejects with the signal's reason where it aborts. */
  async ended(signal: AbortSignal): Promise<ContainerEnd> {
    let leave: () => void = () => undefined;
    const aborted = new Promise<never>((_, fail) => {
      leave = () => fail(signal.reason as Error);
      signal.addEventListener("abort", leave, { once: true });
      if (signal.aborted) leave();
    });
    try {
      const end = await Promise.race([this.end, aborted]);
      await this.log?.finish(end.kind === "lost" ? 0 : LOG_MILLISECONDS);
      return end;
    } finally {
      this.settled = true;
      signal.removeEventListener("abort", leave);
      void this.log?.finish(0);
    }
  }

  /** @param pod the Job's, as it is now; undefined where there is none */
  look(pod: StepPod | undefined): void {
    if (this.settled) return;
    if (!pod) return this.withoutPod();
    this.seen = true;
    const verdict = judge(pod, this.options.order, this.options.patience);
    if (verdict.progress.containerStartedAt !== undefined) this.startLog(pod);
    const silent =
      verdict.end === undefined && verdict.progress.containerStartedAt === undefined && pod.nodeName !== undefined;
    if (silent) this.readEvents(pod.metadata.name, "FailedMount");
    this.report({ ...verdict.progress, message: verdict.progress.message ?? (silent ? this.eventMessage : undefined) });
    if (verdict.end) return this.finish(verdict.end);
    const obstacle = verdict.obstacle ?? this.mountObstacle;
    if (!obstacle) return void (this.obstacle = undefined);
    if (this.obstacle?.reason !== obstacle.reason) this.obstacle = { reason: obstacle.reason, since: Date.now() };
    if (Date.now() - this.obstacle.since < obstacle.patienceMilliseconds) return;
    this.finish({ kind: "failed", reason: obstacle.reason, message: obstacle.message });
  }

  /** A volume that cannot be mounted: the pod itself only says that its container is being made. */
  private get mountObstacle() {
    const message = this.eventMessage;
    if (message === undefined) return undefined;
    const patienceMilliseconds = this.options.patience.configurationMilliseconds;
    return {
      reason: "FailedMount",
      message: `A volume of the step cannot be mounted: ${message}`,
      patienceMilliseconds,
    };
  }

  private finish(end: ContainerEnd): void {
    this.settled = true;
    this.settle(end);
  }

  private report(progress: ContainerProgress): void {
    const text = JSON.stringify(progress);
    if (text === this.last) return;
    this.last = text;
    this.options.report(progress);
  }

  private startLog({ metadata }: StepPod): void {
    const { client, namespace, order } = this.options;
    const path = `/api/v1/namespaces/${namespace}/pods/${metadata.name}/log?container=${CONTAINER}`;
    this.log ??= new LogFollower(client, path, order.logFile);
  }

  private withoutPod(): void {
    if (this.seen)
      return this.finish({ kind: "lost", reason: "PodGone", message: "The step's pod disappeared while it ran." });
    if (Date.now() - this.begun > SILENCE_MILLISECONDS) this.askJob();
  }

  /** The Job may have ended unseen, or may not be able to make its pod. */
  private askJob(): void {
    const { client, jobs, order, patience } = this.options;
    this.ask(async () => {
      const job = await client.json<JobStatus>("GET", `${jobs}/${order.jobName}`).catch((error: unknown) => {
        if (answered(error, 404)) return undefined;
        throw error;
      });
      if (this.seen) return;
      if (!job)
        return this.finish({
          kind: "lost",
          reason: "JobGone",
          message: "The step's Job was removed before its pod was seen.",
        });
      const over = job.status?.conditions?.find(
        ({ type, status }) => /^(Failed|Complete)$/.test(type) && status === "True",
      );
      if (over?.type === "Complete") return this.finish({ kind: "succeeded" });
      if (over)
        return this.finish({
          kind: "lost",
          reason: "PodGone",
          message: `The step's pod is gone. ${over.message ?? ""}`.trim(),
        });
      const [refusal] = await this.events(order.jobName, "FailedCreate");
      if (refusal === undefined) return;
      this.report({ message: refusal });
      if (Date.now() - this.begun > patience.configurationMilliseconds + SILENCE_MILLISECONDS)
        this.finish({
          kind: "failed",
          reason: "FailedCreate",
          message: `The cluster refuses the step's pod: ${refusal}`,
        });
    });
  }

  private readEvents(podName: string, reason: string): void {
    if (Date.now() - this.begun < SILENCE_MILLISECONDS) return;
    this.ask(async () => {
      this.eventMessage = (await this.events(podName, reason))[0];
    });
  }

  private async events(name: string, reason: string): Promise<string[]> {
    const { client, namespace } = this.options;
    const selector = encodeURIComponent(`involvedObject.name=${name},reason=${reason}`);
    const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=${selector}`;
    const { items } = await client.json<{ items: ClusterEvent[] }>("GET", path);
    return items.flatMap(({ message }) => message ?? []);
  }

  /** One question at a time, and not too many; what fails is asked again later. */
  private ask(question: () => Promise<void>): void {
    if (this.asking || Date.now() - this.askedAt < EVENTS_EACH_MILLISECONDS) return;
    this.asking = true;
    void question()
      .catch(() => undefined)
      .finally(() => {
        this.asking = false;
        this.askedAt = Date.now();
      });
  }
}
