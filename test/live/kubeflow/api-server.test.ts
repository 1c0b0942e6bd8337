import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import type * as kubernetes from "@pulumi/kubernetes";
import { Kubeflow } from "../../../infra/platform/kubeflow/kubeflow";
import { Priorities } from "../../../infra/platform/priorities";
import { SharedVolume } from "../../../infra/platform/shared-volume";
import { Workspace } from "../../../infra/platform/workspace";
import { HttpError } from "../../../local/kubernetes/http-client";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import { backend, surroundings } from "../../support/kubeflow";
import { type BareControlPlane, startControlPlane } from "../controllers/support/bare-control-plane";
import { Engine, type Program, type TestStack } from "../plugins-kubernetes/support/test-stack";
import { JudgingWebhook } from "./support/judging-webhook";
import { StandInNode } from "./support/stand-in-node";

const NAMESPACE = "recommenders";
const OFFICIAL = { backend: "kubeflow" };
const COMPACT = { backend: "compact" };
const PIPELINES = `/apis/pipelines.kubeflow.org/v2beta1/namespaces/${NAMESPACE}/pipelines`;
const VERSIONS = `/apis/pipelines.kubeflow.org/v2beta1/namespaces/${NAMESPACE}/pipelineversions`;

const pipelineSpec = {
  pipelineInfo: { name: "echo" },
  root: { dag: { tasks: { echo: { componentRef: { name: "comp-echo" } } } } },
  components: { "comp-echo": { executorLabel: "exec-echo" } },
  deploymentSpec: { executors: { "exec-echo": { container: { image: "busybox:1.37", command: ["true"] } } } },
  schemaVersion: "2.1.0",
};

/** The component in the walls that it gets on the platform: Pod Security "restricted", traffic denied, GPUs counted. */
const program =
  (raw: Readonly<Record<string, unknown>>): Program =>
  (provider: kubernetes.Provider) => {
    const opts = { providers: { kubernetes: provider } };
    const workspace = { namespace: NAMESPACE, podSecurity: "restricted", maxGpus: 2 } as const;
    const { namespace } = new Workspace("workspace", workspace, opts);
    const { serving, training } = new Priorities("priorities", {}, opts);
    const backing = { hostPath: { path: "/var/lib/shared", type: "Directory" } };
    const { claimName } = new SharedVolume("shared", { namespace, backing, size: "1Gi" }, opts);
    const kubeflow = new Kubeflow(
      "kubeflow",
      {
        ...surroundings(backend(raw)),
        ...{ namespace, claimName, priorityClassName: serving, stepPriorityClassName: training },
      },
      opts,
    );
    return { ready: kubeflow.ready, pipelineRoot: kubeflow.pipelineRoot };
  };

// Its images need not be fetched: a real API server with strict validation, Pod Security and quota, real controllers and
// the real engine judge every object; a stand-in for the kubelet says that pods run.
describe("Kubeflow on a real API server", function () {
  this.timeout(300_000);
  let plane: BareControlPlane;
  let engine: Engine;
  let node: StandInNode;
  let stack: TestStack;

  before(async () => {
    plane = await startControlPlane(installedTools());
    engine = await Engine.start();
    node = await StandInNode.start(plane.client, { "recommender/pool": "cpu" });
    await provideDisks(plane, "sbs-5k", 6);
    stack = await engine.stack("kubeflow", () => ({
      kubeconfig: readFileSync(plane.kubeconfig, "utf8"),
      enableSecretMutable: true,
      enablePatchForce: true,
    }));
  });

  after(async () => {
    await node?.stop();
    engine?.stop();
    await plane?.stop();
  });

  const get = <T>(path: string) => plane.client.json<T>("GET", path);
  const create = (path: string, object: object) =>
    plane.client.json<Live>("POST", `${path}?fieldValidation=Strict`, object);

  it("accepts every object of the official backend in its order, and nothing changes at the second look", async () => {
    const preview = await stack.preview(program(OFFICIAL));
    const made = await stack.up(program(OFFICIAL));
    const again = await stack.up(program(OFFICIAL), { expectNoChanges: true });

    assert.equal(made.outputs["ready"], "ml-pipeline");
    assert.equal(made.outputs["pipelineRoot"], "s3://artifacts/v2/artifacts");
    assert.equal(preview.changes.create, made.changes.create);
    assert.deepEqual(again.changes, { same: made.changes.create });
  });

  it("keeps the key of the webhook out of the state's plain text", () => {
    const state = stack.state();

    assert.doesNotMatch(state, /PRIVATE KEY/);
    assert.doesNotMatch(state, new RegExp(Buffer.from("-----BEGIN PRIVATE KEY").toString("base64").slice(0, 24)));
  });

  it("accepts other settings on top, and rolls what they touch", async () => {
    const other = {
      ...OFFICIAL,
      certificateExpiresAt: "2037-01-01T00:00:00Z",
      timeZone: "Europe/Paris",
      keepFinishedHours: 48,
      mirror: "rg.fr-par.scw.cloud/copies",
      apiServer: { cpu: "200m", memory: "1Gi" },
      database: { kind: "cluster", size: "20Gi" },
      ui: false,
    };
    const server = async () => {
      const { items } = await get<{ items: Live[] }>(`/apis/apps/v1/namespaces/${NAMESPACE}/deployments`);
      return items.find(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"] === "api-server");
    };
    const before = await server();

    const changed = await stack.up(program(other));
    const again = await stack.up(program(other), { expectNoChanges: true });

    assert.ok((changed.changes.delete ?? 0) > 0, "the pages stay where nobody wants them");
    assert.deepEqual(Object.keys(again.changes), ["same"]);
    const after = await server();
    assert.equal(after?.metadata.uid, before?.metadata.uid);
    assert.notDeepEqual(after?.spec, before?.spec);
  });

  it("lets no pod into the namespace that the level restricted would not let in", async () => {
    const pods = await get<{ items: Live[] }>(`/api/v1/namespaces/${NAMESPACE}/pods`);
    const namespace = await get<Live>(`/api/v1/namespaces/${NAMESPACE}`);
    const careless = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "careless" },
      spec: { containers: [{ name: "main", image: "none" }] },
    };

    assert.equal(namespace.metadata.labels?.["pod-security.kubernetes.io/enforce"], "restricted");
    assert.ok(pods.items.length >= 6, "the controllers could make no pods");
    await refused(create(`/api/v1/namespaces/${NAMESPACE}/pods`, careless), 403, /violates PodSecurity "restricted/);
  });

  it("admits the pods that Argo makes of our defaults for steps", async () => {
    const { items } = await get<{ items: Live[] }>(`/api/v1/namespaces/${NAMESPACE}/configmaps`);
    const configuration = items.find(({ data }) => data?.["workflowDefaults"])?.data ?? {};
    const { spec } = JSON.parse(configuration["workflowDefaults"] ?? "") as { spec: Record<string, unknown> };
    const { imagePullPolicy, resources, securityContext } = JSON.parse(configuration["executor"] ?? "") as Container;
    const executor = { image: "quay.io/argoproj/argoexec", imagePullPolicy, resources, securityContext };
    // What the compiler of Kubeflow Pipelines writes for the container of a step.
    const step = { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } };
    const pod = {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "step", labels: { "pipelines.kubeflow.org/v2_component": "true" } },
      spec: {
        serviceAccountName: "pipeline-runner",
        securityContext: spec["securityContext"],
        priorityClassName: spec["podPriorityClassName"],
        restartPolicy: "Never",
        initContainers: [{ name: "init", ...executor }],
        containers: [
          { name: "wait", ...executor },
          { name: "main", image: "busybox:1.37", securityContext: step },
        ],
      },
    };

    await plane.client.json("POST", `/api/v1/namespaces/${NAMESPACE}/pods?dryRun=All&fieldValidation=Strict`, pod);
  });

  it("asks the backend about each new version, over a certificate that the API server trusts", async () => {
    const { spec } = await get<{ spec: { clusterIP: string } }>(`/api/v1/namespaces/${NAMESPACE}/services/ml-pipeline`);
    const secrets = await get<{ items: Live[] }>(`/api/v1/namespaces/${NAMESPACE}/secrets`);
    const { data = {} } = secrets.items.find(({ type }) => type === "kubernetes.io/tls") ?? {};
    const [certificate, key] = ["tls.crt", "tls.key"].map((name) => Buffer.from(data[name] ?? "", "base64").toString());
    const version = { ...versionOf("echo-1", { pipelineSpec }) };
    await create(PIPELINES, { ...kindOf("Pipeline"), metadata: { name: "echo" }, spec: { displayName: "echo" } });

    // Nobody answers yet: a version that nobody judged is worse than none.
    await refused(create(VERSIONS, version), 500, /failed calling webhook/);
    const webhook = await JudgingWebhook.listen(spec.clusterIP, 8443, certificate ?? "", key ?? "");
    try {
      const made = await create(VERSIONS, version);

      assert.equal(made.metadata.name, "echo-1");
      assert.deepEqual(webhook.reviews, [
        { path: "/webhooks/mutate-pipelineversion?timeout=10s", operation: "CREATE", name: "echo-1" },
        { path: "/webhooks/validate-pipelineversion?timeout=10s", operation: "CREATE", name: "echo-1" },
      ]);
      await refusesBrokenVersions();
    } finally {
      webhook.close();
    }
  });

  /** What no webhook has to be asked about. */
  async function refusesBrokenVersions(): Promise<void> {
    const without = (key: keyof typeof pipelineSpec) =>
      Object.fromEntries(Object.entries(pipelineSpec).filter(([name]) => name !== key));
    const cases: [string, object, RegExp][] = [
      ["no pipeline", { pipelineName: "echo" }, /spec\.pipelineSpec: Required value/],
      ["text for a pipeline", { pipelineSpec: "root: {}" }, /pipelineSpec: Invalid value: "string"/],
      ["no graph", { pipelineSpec: without("root") }, /pipelineSpec\.root: Required value/],
      ["no name", { pipelineSpec: { ...pipelineSpec, pipelineInfo: {} } }, /pipelineInfo\.name: Required value/],
      ["a name with blanks", { pipelineSpec: { ...pipelineSpec, pipelineInfo: { name: "My pipe" } } }, /should match/],
      [
        "the format before this one",
        { pipelineSpec: { ...pipelineSpec, schemaVersion: "2.0.0" } },
        /Unsupported value/,
      ],
      ["a list of platforms", { pipelineSpec, platformSpec: [] }, /platformSpec: Invalid value: "array"/],
      ["a version with capitals", { pipelineSpec, versionName: "Echo 1" }, /versionName: Invalid value/],
      ["a field that is not there", { pipelineSpec, colour: "blue" }, /unknown field "spec\.colour"/],
    ];
    for (const [name, spec, reason] of cases)
      await refused(create(VERSIONS, versionOf(name.replaceAll(" ", "-"), spec)), undefined, reason);
    const kept = await get<{ spec: { pipelineSpec: unknown } }>(`${VERSIONS}/echo-1`);
    assert.deepEqual(kept.spec.pipelineSpec, pipelineSpec);
  }

  it("knows recurring runs by their fields, and keeps what Argo writes as it is", async () => {
    const schedules = `/apis/kubeflow.org/v1beta1/namespaces/${NAMESPACE}/scheduledworkflows`;
    const schedule = (name: string, spec: object) => ({
      ...{ apiVersion: "kubeflow.org/v1beta1", kind: "ScheduledWorkflow" },
      ...{ metadata: { name }, spec, status: { trigger: { lastTriggeredTime: null } } },
    });
    const trigger = { cronSchedule: { cron: "0 0 3 * * *", startTime: null } };
    const workflow = { parameters: [{ name: "a", value: "1" }], spec: "anything", pipelineRoot: "s3://b" };
    const workflows = `/apis/argoproj.io/v1alpha1/namespaces/${NAMESPACE}/workflows`;
    const run = { entrypoint: "main", templates: [{ name: "main", dag: { tasks: [] } }], unheardOf: { a: [1, null] } };

    await create(schedules, schedule("nightly", { enabled: true, maxConcurrency: 1, trigger, workflow }));
    await refused(create(schedules, schedule("many", { maxConcurrency: 11, trigger })), 422, /maxConcurrency/);
    await refused(create(schedules, schedule("odd", { enabled: "yes" })), undefined, /enabled/);
    const made = await create(workflows, {
      ...{ apiVersion: "argoproj.io/v1alpha1", kind: "Workflow" },
      ...{ metadata: { name: "run" }, spec: run },
    });

    assert.deepEqual(made.spec, run);
  });

  it("changes to the compact backend behind the same address, and back, and leaves nothing", async () => {
    const path = `/api/v1/namespaces/${NAMESPACE}/services/ml-pipeline`;
    const before = await get<Live>(path);

    const compact = await stack.up(program(COMPACT));
    const behindCompact = await get<Live>(path);
    const again = await stack.up(program(COMPACT), { expectNoChanges: true });
    const preview = await stack.preview(program(OFFICIAL));

    assert.equal(compact.outputs["ready"], "ml-pipeline");
    assert.equal(behindCompact.metadata.uid, before.metadata.uid);
    assert.deepEqual(Object.keys(again.changes), ["same"]);
    // The pipelines themselves stay: they are objects of the cluster, whoever serves them.
    assert.equal((await get<Live>(`${PIPELINES}/echo`)).metadata.name, "echo");
    assert.ok((preview.changes.create ?? 0) > 40);

    await stack.destroy();

    for (const list of ["/apis/apiextensions.k8s.io/v1/customresourcedefinitions"])
      assert.deepEqual((await get<{ items: Live[] }>(list)).items, []);
    const kinds = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];
    for (const kind of kinds) {
      const { items } = await get<{ items: Live[] }>(`/apis/admissionregistration.k8s.io/v1/${kind}`);
      assert.deepEqual(items, []);
    }
  });

  it("accepts the compact backend in an empty cluster", async () => {
    const made = await stack.up(program(COMPACT));

    assert.equal(made.outputs["ready"], "ml-pipeline");
    await stack.destroy();
  });
});

interface Live {
  readonly metadata: { readonly name: string; readonly uid: string; readonly labels?: Record<string, string> };
  readonly spec?: unknown;
  readonly data?: Record<string, string>;
  readonly type?: string;
}

interface Container {
  readonly imagePullPolicy: string;
  readonly resources: object;
  readonly securityContext: object;
}

const kindOf = (kind: string) => ({ apiVersion: "pipelines.kubeflow.org/v2beta1", kind });
const versionOf = (name: string, spec: object) => ({ ...kindOf("PipelineVersion"), metadata: { name }, spec });

/** The API server's answer, which must be a refusal for this reason. */
async function refused(request: Promise<unknown>, status: number | undefined, reason: RegExp): Promise<void> {
  const error = await request.then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(error instanceof HttpError, `it was not refused: ${reason}`);
  if (status !== undefined) assert.equal(error.status, status, error.body);
  assert.match((JSON.parse(error.body) as { message: string }).message, reason);
}

/** Disks such as Scaleway's driver would make, since there is none here. */
async function provideDisks({ client }: BareControlPlane, storageClass: string, count: number): Promise<void> {
  await client.json("POST", "/apis/storage.k8s.io/v1/storageclasses", {
    ...{ apiVersion: "storage.k8s.io/v1", kind: "StorageClass", metadata: { name: storageClass } },
    ...{ provisioner: "kubernetes.io/no-provisioner", volumeBindingMode: "WaitForFirstConsumer" },
    allowVolumeExpansion: true,
  });
  for (let number = 1; number <= count; number++)
    await client.json("POST", "/api/v1/persistentvolumes", {
      ...{ apiVersion: "v1", kind: "PersistentVolume", metadata: { name: `disk-${number}` } },
      spec: {
        ...{ capacity: { storage: "100Gi" }, accessModes: ["ReadWriteOnce"], storageClassName: storageClass },
        ...{ hostPath: { path: `/disks/${number}` }, persistentVolumeReclaimPolicy: "Retain" },
      },
    });
}
