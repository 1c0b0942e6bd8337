import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PIPELINE_DEFINITIONS } from "../../../../infra/platform/kubeflow/definitions";
import { CertificateAuthority } from "../../../../local/kapsule/certificates";
import { createApi } from "../../../../local/kubeflow/api/server";
import { ClusterCatalog } from "../../../../local/kubeflow/catalog/cluster-catalog";
import { Scheduler } from "../../../../local/kubeflow/schedule/scheduler";
import { createWebhook } from "../../../../local/kubeflow/webhook/server";
import { installedTools } from "../../../../local/toolchain/ensure-tools";
import { echo } from "../../../kubeflow/support/echo-program";
import { memoryReader } from "../../../kubeflow/support/memory-reader";
import { Workshop } from "../../../kubeflow/support/workshop";
import { type BareControlPlane, startControlPlane } from "../../controllers/support/bare-control-plane";
import { until } from "../../controllers/support/until";

export const NAMESPACE = "recommenders";
export const VERSIONS = `/apis/pipelines.kubeflow.org/v2beta1/namespaces/${NAMESPACE}/pipelineversions`;
export const PIPELINES = `/apis/pipelines.kubeflow.org/v2beta1/namespaces/${NAMESPACE}/pipelines`;

/** The whole backend beside a real API server, which asks its webhook; only what runs containers is a stand-in. */
export class ApiBackend {
  private constructor(
    readonly plane: BareControlPlane,
    readonly directory: string,
    /** Such as http://127.0.0.1:40001. */
    readonly url: string,
    private readonly parts: readonly (() => Promise<unknown>)[],
  ) {}

  static async start(): Promise<ApiBackend> {
    const directory = mkdtempSync(join(tmpdir(), "pipelines-api-"));
    const plane = await startControlPlane(installedTools());
    const { client } = plane;
    for (const definition of PIPELINE_DEFINITIONS)
      await client.json("POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
    await client.json("POST", "/api/v1/namespaces", { metadata: { name: NAMESPACE } });
    for (const path of [PIPELINES, VERSIONS]) await until(`${path} can be listed`, () => client.json("GET", path));

    const workshop = new Workshop(echo);
    const { engine, store } = workshop;
    await engine.resume();
    const report = (line: string): void => console.log(line);
    const catalog = new ClusterCatalog(client, NAMESPACE);
    const artifacts = memoryReader(workshop.objects);
    const backend = { store, engine, catalog, artifacts, namespace: NAMESPACE, now: Date.now, report };
    const api = await createApi(backend);
    const url = await api.listen({ host: "127.0.0.1", port: 0 });

    mkdirSync(join(directory, "tls"));
    const authority = await CertificateAuthority.open(join(directory, "tls"), "authority");
    const tls = await authority.issue({
      name: "webhook",
      commonName: "ml-pipeline",
      usage: ["server"],
      addresses: ["127.0.0.1"],
    });
    const webhook = createWebhook({ catalog, engine, tls, report });
    const webhookUrl = await webhook.listen({ host: "127.0.0.1", port: 0 });
    await register(plane, webhookUrl, readFileSync(authority.files.certificate).toString("base64"));

    const stop = new AbortController();
    const schedules = new Scheduler(backend).run(stop.signal);
    return new ApiBackend(plane, directory, url, [
      () => (stop.abort(), schedules),
      () => api.close(),
      () => webhook.close(),
      () => workshop.dispose(),
      () => plane.stop(),
    ]);
  }

  async stop(): Promise<void> {
    for (const part of this.parts) await part();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** As the platform does, by address instead of by Service. */
async function register({ client }: BareControlPlane, url: string, caBundle: string): Promise<void> {
  const name = "pipelineversions.pipelines.kubeflow.org";
  for (const [kind, path] of [
    ["MutatingWebhookConfiguration", "mutate-pipelineversion"],
    ["ValidatingWebhookConfiguration", "validate-pipelineversion"],
  ] as const) {
    const rule = {
      apiGroups: ["pipelines.kubeflow.org"],
      apiVersions: ["v2beta1"],
      operations: ["CREATE", "UPDATE"],
      resources: ["pipelineversions"],
    };
    await client.json("POST", `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`, {
      apiVersion: "admissionregistration.k8s.io/v1",
      kind,
      metadata: { name },
      webhooks: [
        {
          name,
          clientConfig: { url: `${url}/webhooks/${path}`, caBundle },
          rules: [rule],
          admissionReviewVersions: ["v1"],
          failurePolicy: "Fail",
          sideEffects: "None",
        },
      ],
    });
  }
}
