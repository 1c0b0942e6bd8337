import assert from "node:assert/strict";
import { jobManifest } from "../../../local/kubeflow/jobs/job-manifest";
import { ensureJudge } from "../../../local/toolchain/ensure-tools";
import { deployKubeflow, manifests } from "../../support/kubeflow";
import { rawSettings } from "../../support/settings";
import { deployStack } from "../../support/stack";
import { EXCEPTIONS, excuses } from "./support/exceptions";
import { type Finding, judge } from "./support/kube-score";

const NAMESPACE = "recommenders";

/** The smallest step, as the compact backend makes a Job of it. */
function step(): object {
  const manifest = jobManifest(
    {
      ...{ jobName: "step", labels: { "pipelines.kubeflow.org/v2_component": "true" }, annotations: {}, env: [] },
      ...{ image: "rg.fr-par.scw.cloud/images/step:1", command: ["work"], args: [], mounts: [], logFile: "/log" },
      ...{ requests: { cpu: "1", memory: "1Gi" }, limits: { memory: "1Gi" } },
      pod: {
        ...{ nodeSelector: {}, tolerations: [], claims: [], emptyDirs: [], secretFiles: [], configMapFiles: [] },
        ...{ secretEnv: [], configMapEnv: [], fieldEnv: [], imagePullSecrets: [] },
      },
    },
    { sharedClaim: "nfs" },
  ) as { metadata: object };
  return { ...manifest, metadata: { ...manifest.metadata, namespace: NAMESPACE } };
}

const kubeflow = async (raw: Readonly<Record<string, unknown>>) => manifests(await deployKubeflow(raw)) as object[];
const stack = async (environment: "local" | "dev" | "production") =>
  manifests(await deployStack(environment, rawSettings(environment))) as object[];

/** All objects that the program makes, as they are installed together. */
const INSTALLED: Readonly<Record<string, () => Promise<object[]>>> = {
  "the official backend": () => kubeflow({ backend: "kubeflow" }),
  "the official backend with a managed database": () =>
    kubeflow({ backend: "kubeflow", database: { kind: "managed" } }),
  "the compact backend and a step": async () => [...(await kubeflow({ backend: "compact" })), step()],
  "the stack local": () => stack("local"),
  "the stack dev": () => stack("dev"),
  "the stack production": () => stack("production"),
};

// kube-score reads objects as somebody would who knows Kubernetes and not us.
describe("Static judges of the cluster's objects", function () {
  this.timeout("10m");
  const findings = new Map<string, Finding[]>();
  let program: string;

  before("brings the judge", async () => {
    program = await ensureJudge((line) => console.log(`      ${line}`));
    for (const [name, objects] of Object.entries(INSTALLED)) findings.set(name, judge(program, name, await objects()));
  });

  for (const name of Object.keys(INSTALLED)) {
    it(`find nothing in ${name} that has no listed reason`, () => {
      const unexplained = findings.get(name)?.filter((found) => !EXCEPTIONS.some((one) => excuses(one, found)));

      assert.deepEqual(unexplained, []);
    });
  }

  for (const exception of EXCEPTIONS) {
    const about = [exception.rule, exception.objects?.source, exception.installed?.source].filter(Boolean).join(" of ");
    it(`still need the exception from ${about}`, () => {
      const needed = [...findings.values()].flat().some((finding) => excuses(exception, finding));

      assert.ok(needed, "nothing is found any more that it excuses: remove it");
    });
  }

  it("see what careless objects lack, in words that no exception covers", () => {
    const labels = { app: "careless" };
    const container = { name: "main", image: "busybox", resources: { requests: { cpu: "1" } } };
    const careless = {
      apiVersion: "apps/v1",
      kind: "Deployment",
      metadata: { namespace: NAMESPACE, name: "kubeflow-careless" },
      spec: {
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    };

    const found = judge(program, "careless objects", [careless]).filter(
      (finding) => !EXCEPTIONS.some((one) => excuses(one, finding)),
    );

    const rules = new Set(found.map(({ rule }) => rule));
    for (const rule of [
      ...["container-image-tag", "container-resources", "container-security-context-readonlyrootfilesystem"],
      ...["container-security-context-user-group-id", "container-seccomp-profile", "pod-networkpolicy"],
      ...["container-ephemeral-storage-request-and-limit"],
    ])
      assert.ok(rules.has(rule), `${rule} is not among ${[...rules].join(", ")}`);
  });
});
