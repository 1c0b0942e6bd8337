import { setTimeout as pause } from "node:timers/promises";
import { collect, OutputError } from "../artifacts/collected";
import { ObjectStorageError } from "../artifacts/object-store";
import type { ContainerEnd } from "../jobs/container-runner";
import type { Attempt, Task, TaskValues } from "../model";
import type { ContainerComponent, TaskNode } from "../ir/pipeline";
import { cachedOutputs, remember } from "./cache";
import { type AttemptPlan, planAttempt } from "./attempt-plan";
import type { LookUp } from "./pod-settings";
import { NO_VALUES, TaskRecords } from "./records";
import { endOf, type TaskEnd } from "./results";
import type { RunContext } from "./run-context";

/** How often a task is started again because its node was lost, beside what its retry policy allows. */
const LOST_LIMIT = 2;

type AttemptEnd =
  Exclude<ContainerEnd, { kind: "succeeded" }> | { readonly kind: "succeeded"; readonly outputs: TaskValues };

/** Carries out one task that runs a container: from the cache, or by as many tries as it may have. */
export class ContainerTask {
  private readonly component: ContainerComponent;

  constructor(
    private readonly context: RunContext,
    private readonly node: TaskNode & { readonly component: ContainerComponent },
    private task: Task,
    private readonly lookUp: LookUp,
  ) {
    this.component = node.component;
  }

  /** @throws Interruption; every other fault is the end of the task */
  async carryOut(): Promise<TaskEnd> {
    try {
      const cached = this.task.attempts.length === 0 ? await this.fromCache() : undefined;
      return cached ?? (await this.context.slots.within(this.context.signal, () => this.tries()));
    } catch (error) {
      if (this.context.signal.aborted) throw this.context.signal.reason;
      return this.fail((error as Error).message);
    }
  }

  private async fromCache(): Promise<TaskEnd | undefined> {
    if (!this.node.cache) return undefined;
    const found = await cachedOutputs(this.context, this.component, this.fingerprint());
    if (!found) return undefined;
    const { outputs, taskId: cachedFrom } = found;
    this.task = await this.records.change(this.task.id, { state: "SUCCEEDED", outputs, cached: true, cachedFrom });
    return endOf(this.task);
  }

  private async tries(): Promise<TaskEnd> {
    const { retry } = this.node;
    for (;;) {
      const attempt = await this.currentAttempt();
      const plan = this.plan(attempt.number);
      const end = attempt.vanished
        ? lostEnd("JobGone", "The Job was removed by somebody while nobody watched it.")
        : await this.attempt(plan, attempt.adopt);
      if (end.kind === "succeeded") return this.succeed(plan, end.outputs);
      await this.endAttempt(end);
      await this.cleanUp(plan);
      const round = this.task.attempts.slice(this.task.attemptsBefore ?? 0);
      const lost = round.filter((each) => each.lost).length;
      const failed = round.length - lost;
      if (end.kind === "lost" ? lost > LOST_LIMIT : failed > retry.limit) return this.fail(end.message);
      await this.records.change(this.task.id, { state: "PENDING" });
      if (end.kind === "failed") await this.rest(Math.min(retry.backoff * retry.factor ** (failed - 1), retry.longest));
    }
  }

  /** The try that is under way since an earlier process, or a new one; it is on record before anything is done for it. */
  private async currentAttempt(): Promise<{ number: number; adopt: boolean; vanished: boolean }> {
    const { attempts } = this.task;
    const last = attempts.at(-1);
    const open = last !== undefined && last.endedAt === undefined;
    if (open && attempts.length > (this.task.attemptsBefore ?? 0)) {
      const adopt = await this.context.parts.runner.exists(last.jobName);
      return { number: attempts.length - 1, adopt, vanished: !adopt && last.podName !== undefined };
    }
    if (last && !open) await this.restAfter(last);
    const number = attempts.length;
    const attempt: Attempt = { jobName: this.plan(number).jobName, startedAt: this.context.now() };
    this.task = await this.records.change(this.task.id, { attempts: [...attempts, attempt] });
    return { number, adopt: false, vanished: false };
  }

  /** What is left of the pause after a try that had failed before this process began. */
  private async restAfter({ endedAt = 0, lost }: Attempt): Promise<void> {
    const { retry } = this.node;
    const failed = this.task.attempts.slice(this.task.attemptsBefore ?? 0).filter((each) => !each.lost).length;
    if (lost || failed === 0) return;
    const pauseEnd = endedAt + Math.min(retry.backoff * retry.factor ** (failed - 1), retry.longest);
    await this.rest(pauseEnd - this.context.now());
  }

  private async rest(milliseconds: number): Promise<void> {
    if (milliseconds <= 0) return;
    const { signal } = this.context;
    await pause(milliseconds, undefined, { signal }).catch(() => signal.throwIfAborted());
  }

  private async attempt(plan: AttemptPlan, adopt: boolean): Promise<AttemptEnd> {
    const { parts, signal } = this.context;
    try {
      if (!adopt) await this.stage(plan);
      const end = await parts.runner.run(plan.order(), (progress) => this.progressed(progress), signal);
      await this.reported;
      return end.kind === "succeeded" ? { ...end, outputs: await this.takeOutputs(plan) } : end;
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof OutputError) return { kind: "failed", reason: error.reason, message: error.message };
      const reason = error instanceof ObjectStorageError ? "ObjectStorage" : "Error";
      return { kind: "failed", reason, message: (error as Error).message };
    }
  }

  /** Brings the input artifacts to the shared volume and makes room for the outputs. */
  private async stage(plan: AttemptPlan): Promise<void> {
    const { parts, signal } = this.context;
    await plan.staging.prepare();
    for (const [name, artifacts] of Object.entries(this.task.inputs.artifacts))
      for (const { uri } of artifacts) {
        const path = plan.staging.pathOf(uri);
        await plan.staging.makeParent(path);
        // A step may leave an artifact unwritten, so that only what nobody here made must be there.
        if (!(await parts.objects.download(uri, path, signal)) && !uri.startsWith(`${this.context.pipelineRoot}/`))
          throw new ObjectStorageError(`Input artifact "${name}" is not there: nothing is stored at ${uri}.`);
      }
    for (const uri of [plan.metadataFile, ...Object.values(plan.outputs).map((artifact) => artifact.uri)])
      await plan.staging.makeParent(plan.staging.pathOf(uri));
  }

  private async takeOutputs(plan: AttemptPlan): Promise<TaskValues> {
    const { parts, signal } = this.context;
    const collected = await collect(this.component, plan.staging, plan.outputs, plan.metadataFile);
    this.written = [];
    for (const { artifact, path } of collected.artifacts) {
      if (path === undefined) continue;
      await parts.objects.upload(path, artifact.uri, signal);
      this.written.push(artifact.uri);
    }
    const artifacts = collected.artifacts.map(({ output, artifact }) => [output, [artifact]] as const);
    return { parameters: collected.parameters, artifacts: Object.fromEntries(artifacts) };
  }

  /** Addresses of the artifacts that have content. */
  private written: string[] = [];
  /** Reports come without being awaited, but none may come after the end it belongs to. */
  private reported: Promise<unknown> = Promise.resolve();

  /** What was reported and is not on record yet. */
  private news?: Partial<Attempt>;

  /** Where reports come faster than they are recorded, the last one counts: each says all there is. */
  private progressed(progress: Partial<Attempt>): void {
    const waits = this.news !== undefined;
    this.news = progress;
    if (waits) return;
    const record = async () => {
      const latest = this.news ?? progress;
      this.news = undefined;
      const state = latest.containerStartedAt === undefined ? undefined : "RUNNING";
      this.task = await this.records.changeAttempt(this.task.id, latest, state);
    };
    this.reported = this.reported.then(record).catch((error: unknown) => {
      this.context.parts.report(`progress of task ${this.task.id}: ${(error as Error).message}`);
    });
  }

  private async endAttempt(end: Exclude<AttemptEnd, { kind: "succeeded" }>): Promise<void> {
    const { reason, message } = end;
    const exitCode = end.kind === "failed" ? end.exitCode : undefined;
    const change = { endedAt: this.context.now(), exitCode, reason, message, lost: end.kind === "lost" || undefined };
    this.task = await this.records.changeAttempt(this.task.id, change);
  }

  /** Outputs, end and cache entry come into the store together, and only then is anything removed. */
  private async succeed(plan: AttemptPlan, outputs: TaskValues): Promise<TaskEnd> {
    const { store } = this.context.parts;
    const attempts = store.tasks.get(this.task.id)?.attempts ?? [];
    const ended = attempts.map((attempt, index) =>
      index === attempts.length - 1
        ? { ...attempt, endedAt: this.context.now(), exitCode: 0, message: undefined }
        : attempt,
    );
    this.task = await store.change(() => {
      const task = this.records.put(this.task.id, { state: "SUCCEEDED", outputs, attempts: ended });
      if (this.node.cache) remember(this.context, this.fingerprint(), task, this.written);
      return task;
    });
    await this.cleanUp(plan);
    return endOf(this.task);
  }

  private async fail(error: string): Promise<TaskEnd> {
    this.task = await this.records.change(this.task.id, { state: "FAILED", outputs: NO_VALUES, error });
    return endOf(this.task);
  }

  /** What cannot be removed now is removed with the run, or at the next start: no reason to fail a task. */
  private async cleanUp(plan: AttemptPlan): Promise<void> {
    const { runner, report } = this.context.parts;
    for (const work of [() => runner.remove(plan.jobName), () => plan.staging.remove()])
      await work().catch((error: unknown) => report(`after ${plan.jobName}: ${(error as Error).message}`));
  }

  private plan(number: number): AttemptPlan {
    return planAttempt(this.context, this.node, this.task, number, this.lookUp);
  }

  private fingerprint(): string {
    return this.plan(0).fingerprint();
  }

  private get records(): TaskRecords {
    return this.context.records;
  }
}

function lostEnd(reason: string, message: string): AttemptEnd {
  return { kind: "lost", reason, message };
}
