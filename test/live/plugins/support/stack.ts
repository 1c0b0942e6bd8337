import assert from "node:assert/strict";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { engineFiles } from "../../../../local/engine/environment";
import { runPulumi } from "../../../../local/engine/run";
import type { Instance } from "../../../../local/instance";
import { installedTools } from "../../../../local/toolchain/ensure-tools";
import type { Tools } from "../../../../local/toolchain/tools";

const REPOSITORY = join(__dirname, "..", "..", "..", "..");
const PROJECT = "plugin-test";
const STACK = "test";

export interface Run {
  readonly exitCode: number;
  /** Everything that the CLI printed. */
  readonly output: string;
}

/** One Pulumi program of an instance, run by the real CLI with the stand-in plugins. */
export class ProgramStack {
  readonly folder: string;

  constructor(
    private readonly instance: Instance,
    private readonly tools: Tools = installedTools(),
  ) {
    this.folder = join(instance.stateDir, "program");
    mkdirSync(this.folder);
    symlinkSync(join(REPOSITORY, "node_modules"), join(this.folder, "node_modules"));
    const write = (name: string, text: string) => writeFileSync(join(this.folder, name), text);
    write("Pulumi.yaml", `name: ${PROJECT}\nruntime: nodejs\n`);
    write("package.json", JSON.stringify({ name: PROJECT, main: "index.ts" }));
    write("tsconfig.json", readFileSync(join(REPOSITORY, "tsconfig.json"), "utf8"));
  }

  /** Replaces the program; it sees `pulumi`, `random` and `scaleway`. */
  program(body: string): void {
    const imports = { pulumi: "@pulumi/pulumi", random: "@pulumi/random", scaleway: "@pulumiverse/scaleway" };
    const header = Object.entries(imports).map(([name, from]) => `import * as ${name} from "${from}";\n`);
    writeFileSync(join(this.folder, "index.ts"), header.join("") + body);
  }

  /** Runs the CLI and returns what it said, whatever its exit status. */
  async run(args: readonly string[], environment: Record<string, string> = {}): Promise<Run> {
    const result = await runPulumi(this.instance, this.tools, args, { cwd: this.folder, environment });
    return { exitCode: result.exitCode, output: `${result.stdout}\n${result.stderr}` };
  }

  /** Runs the CLI, which must succeed. */
  async pulumi(...args: string[]): Promise<string> {
    const { exitCode, output } = await this.run(args);
    assert.equal(exitCode, 0, output);
    return output;
  }

  async create(): Promise<void> {
    await this.pulumi("stack", "init", STACK);
  }

  up(...options: string[]): Promise<string> {
    return this.pulumi("up", "--yes", "--skip-preview", "--diff", ...options);
  }

  /** The state file as it lies on disk, secrets encrypted. */
  state(): string {
    const { backend } = engineFiles(this.instance);
    return readFileSync(join(backend, ".pulumi", "stacks", PROJECT, `${STACK}.json`), "utf8");
  }

  /** Id of a resource in the state. */
  id(name: string): string {
    const { checkpoint } = JSON.parse(this.state()) as {
      checkpoint: { latest: { resources: { urn: string; id?: string }[] } };
    };
    const found = checkpoint.latest.resources.find(({ urn }) => urn.endsWith(`::${name}`));
    assert.ok(found?.id, `the state has no resource ${name}`);
    return found.id;
  }
}
