import { delay, ResourceCache } from "../../kubernetes/cache";
import { answered, HttpError, type HttpClient } from "../../kubernetes/http-client";
import type { ContainerEnd, ContainerOrder, ContainerProgress, ContainerRunner } from "./container-runner";
import { JobFollower } from "./job-follower";
import { jobManifest, MANAGED_BY, type StepSurroundings } from "./job-manifest";
import type { Patience } from "./pod-verdict";
import { jobNameOf, type StepPod, stepPod } from "./step-pod";

export interface KubernetesRunnerOptions extends StepSurroundings {
  readonly client: HttpClient;
  readonly namespace: string;
  readonly patience: Patience;
  readonly report: (line: string) => void;
}

/** How long an API server that does not answer is asked again. */
const API_PATIENCE_MILLISECONDS = 120_000;
/** How long a removed container may take to stop; its node may be gone. */
const STOP_MILLISECONDS = 20_000;
const SELECTOR = Object.entries(MANAGED_BY)
  .map(([name, value]) => `${name}=${value}`)
  .join(",");

/** Runs steps as Jobs of a cluster. */
export class KubernetesRunner implements ContainerRunner {
  private readonly pods: ResourceCache<StepPod>;
  private readonly followers = new Map<string, JobFollower>();
  private readonly waiting = new Set<() => void>();
  private readonly jobs: string;
  private scheduled = false;

  constructor(private readonly options: KubernetesRunnerOptions) {
    const { client, namespace, report } = options;
    this.jobs = `/apis/batch/v1/namespaces/${namespace}/jobs`;
    const path = `/api/v1/namespaces/${namespace}/pods`;
    const onChange = () => this.changed();
    this.pods = new ResourceCache({ client, path, selector: SELECTOR, trim: stepPod, onChange, report });
  }

  /** Follows the pods until `signal` aborts; nothing is known before the first list. */
  async follow(signal: AbortSignal): Promise<void> {
    // Obstacles are a matter of time, too.
    const clock = setInterval(() => this.changed(), 1000);
    try {
      await this.pods.follow(signal);
    } finally {
      clearInterval(clock);
    }
  }

  async names(): Promise<readonly string[]> {
    const path = `${this.jobs}?labelSelector=${encodeURIComponent(SELECTOR)}`;
    const { items } = await this.options.client.json<{ items: { metadata: { name: string } }[] }>("GET", path);
    return items.map(({ metadata }) => metadata.name);
  }

  async exists(jobName: string): Promise<boolean> {
    return this.asked(async () => {
      try {
        await this.options.client.json("GET", `${this.jobs}/${jobName}`);
        return true;
      } catch (error) {
        if (answered(error, 404)) return false;
        throw error;
      }
    });
  }

  async run(
    order: ContainerOrder,
    report: (progress: ContainerProgress) => void,
    signal: AbortSignal,
  ): Promise<ContainerEnd> {
    signal.throwIfAborted();
    const { client, namespace, patience } = this.options;
    try {
      await this.asked(() => this.create(order), signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof HttpError)) throw error;
      return { kind: "failed", reason: "JobRefused", message: `The cluster refuses the step. ${error.message}` };
    }
    const follower = new JobFollower({ client, namespace, order, report, patience, jobs: this.jobs });
    this.followers.set(order.jobName, follower);
    this.changed();
    try {
      return await follower.ended(signal);
    } finally {
      this.followers.delete(order.jobName);
    }
  }

  async remove(jobName: string): Promise<void> {
    await this.asked(async () => {
      const policy = { kind: "DeleteOptions", apiVersion: "v1", propagationPolicy: "Background" };
      await this.options.client.json("DELETE", `${this.jobs}/${jobName}`, policy).catch((error: unknown) => {
        if (!answered(error, 404)) throw error;
      });
    });
    const deadline = Date.now() + STOP_MILLISECONDS;
    while (this.runs(jobName) && Date.now() < deadline) await this.nextChange();
  }

  private runs(jobName: string): boolean {
    return this.pods.all.some(
      (pod) => jobNameOf(pod) === jobName && pod.nodeName !== undefined && pod.container?.terminated === undefined,
    );
  }

  private nextChange(): Promise<void> {
    return new Promise((done) => this.waiting.add(done));
  }

  private async create(order: ContainerOrder): Promise<void> {
    try {
      const path = `${this.jobs}?fieldValidation=Strict`;
      await this.options.client.json("POST", path, jobManifest(order, this.options));
    } catch (error) {
      if (!answered(error, 409)) throw error; // A Job of this name is this try's, made before a restart.
    }
  }

  /** Asks an API server that restarts or is overloaded again. */
  private async asked<T>(ask: () => Promise<T>, signal?: AbortSignal): Promise<T> {
    const deadline = Date.now() + API_PATIENCE_MILLISECONDS;
    for (let pause = 100; ; pause = Math.min(2 * pause, 5000)) {
      try {
        return await ask();
      } catch (error) {
        const final = error instanceof HttpError && error.status !== 429 && error.status < 500;
        if (final || Date.now() > deadline) throw error;
        await delay(pause, signal);
        signal?.throwIfAborted();
      }
    }
  }

  /** Many changes of one moment are looked at once. */
  private changed(): void {
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.scheduled = false;
      if (!this.pods.synced) return;
      const newest = new Map<string, StepPod>();
      for (const pod of this.pods.all) newest.set(jobNameOf(pod), pod);
      for (const [jobName, follower] of this.followers) follower.look(newest.get(jobName));
      const waiting = [...this.waiting];
      this.waiting.clear();
      for (const done of waiting) done();
    });
  }
}
