import { spawnSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CompiledPipeline } from "../../../../pipelines/sdk/compile";
import { KFP_REQUIREMENTS, pythonEnvironment } from "../../../support/python-environment";

/** A run by `kfp.local`, without a cluster. */
export interface LocalRun {
  /** Why it failed, or what the runner had doubts about. */
  readonly error: string | null;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** Components that ran, sorted; one entry per task. */
  readonly tasks: readonly string[];
}

/** Kubeflow's own packages; one Python process judges many pipelines. */
export class Judges {
  private readonly python = pythonEnvironment(KFP_REQUIREMENTS);

  constructor(private readonly folder: string) {
    mkdirSync(folder, { recursive: true });
  }

  /** Faults that a strict parse finds, by pipeline. */
  parse(pipelines: readonly CompiledPipeline[]): (string | null)[] {
    const files = pipelines.map((compiled, index) => this.write(compiled, index));
    const verdicts = this.call<{ parse: Record<string, string | null> }>("judge.py", { parse: files }).parse;
    return files.map((file) => verdicts[file] ?? null);
  }

  run(jobs: readonly { readonly compiled: CompiledPipeline; readonly arguments?: object }[]): LocalRun[] {
    const run = jobs.map((job, index) => ({ file: this.write(job.compiled, index), arguments: job.arguments ?? {} }));
    return this.call<{ run: LocalRun[] }>("judge.py", { run }).run;
  }

  /** Documents that Kubeflow's SDK compiles. */
  references(): Record<string, unknown[]> {
    return this.call<Record<string, unknown[]>>("reference.py", {});
  }

  private write({ name, yaml }: CompiledPipeline, index: number): string {
    const file = join(this.folder, `${index}-${name}.yaml`);
    writeFileSync(file, yaml);
    return file;
  }

  private call<T>(script: string, request: object): T {
    const { status, stdout, stderr } = spawnSync(this.python, [join(__dirname, script)], {
      input: JSON.stringify(request),
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (status !== 0) throw new Error(`${script} ended with ${status}:\n${stderr}`);
    return JSON.parse(stdout) as T;
  }
}
