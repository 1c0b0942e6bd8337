import { spawnSync } from "node:child_process";

/** One thing that the judge does not like. */
export interface Finding {
  /** What was judged. */
  readonly installed: string;
  /** Rule, as `kube-score list` names it. */
  readonly rule: string;
  /** `Deployment recommenders/books`, without what Pulumi and our digests add to names. */
  readonly object: string;
  /** Container that it is about; empty where it is about the whole object. */
  readonly container: string;
  /** What is wrong, in the judge's words. */
  readonly complaint: string;
}

interface Judged {
  readonly type_meta: { readonly kind: string };
  readonly object_meta: { readonly name: string; readonly namespace?: string };
  readonly checks: readonly {
    readonly check: { readonly id: string };
    readonly grade: number;
    readonly skipped: boolean;
    readonly comments: readonly { readonly path: string; readonly summary: string }[] | null;
  }[];
}

/** The best grade; all below are a warning or worse. */
const FINE = 10;
/** Rules that are off by default and that we keep. The others contradict what is on, or want a limit of CPU time. */
const MORE_RULES = ["container-seccomp-profile", "container-ports-check", "container-memory-requests-equal-limits"];

/**
 * What kube-score says of objects that are installed together: it looks for the pods of Services and policies among
 * them.
 * @param installed what they are called together
 * @throws Error with its own words where it cannot read them
 */
export function judge(program: string, installed: string, objects: readonly object[]): Finding[] {
  const rules = MORE_RULES.flatMap((rule) => ["--enable-optional-test", rule]);
  const args = ["score", "--kubernetes-version", "v1.36", ...rules, "--output-format", "json", "-"];
  const input = objects.map((object) => JSON.stringify(object)).join("\n---\n");
  const { stdout, stderr } = spawnSync(program, args, { input, encoding: "utf8", maxBuffer: 64 << 20 });
  if (!stdout.startsWith("[")) throw new Error(`${program} judged nothing: ${stderr.trim() || stdout.trim()}`);
  return (JSON.parse(stdout) as Judged[]).flatMap((judged) =>
    findingsOf(judged).map((found) => ({ installed, ...found })),
  );
}

function findingsOf({ type_meta, object_meta: { namespace, name }, checks }: Judged): Omit<Finding, "installed">[] {
  const object = `${type_meta.kind} ${namespace ? `${namespace}/` : ""}${withoutDigest(name)}`;
  return checks
    .filter(({ grade, skipped }) => !skipped && grade < FINE)
    .flatMap(({ check: { id: rule }, comments }) =>
      (comments ?? []).map(({ path, summary }) => ({ rule, object, container: path, complaint: summary })),
    );
}

function withoutDigest(name: string): string {
  return name.replace(/-(?=[0-9a-f]*\d)[0-9a-f]{8,10}$/, "");
}
