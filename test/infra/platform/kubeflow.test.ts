/* eslint-disable @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-return -- assertions on manifests of every kind */
import assert from "node:assert/strict";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type * as pulumi from "@pulumi/pulumi";
import { needsMetadataStore, officialImages } from "../../../infra/platform/kubeflow/images";
import type { Kubeflow } from "../../../infra/platform/kubeflow/kubeflow";
import { OfficialBackend } from "../../../infra/platform/kubeflow/official";
import { ArtifactStore } from "../../../infra/platform/kubeflow/artifact-store";
import { WebhookCertificate } from "../../../infra/platform/kubeflow/webhook-certificate";
import type { OfficialSettings } from "../../../infra/settings/kubeflow";
import { deploy, type Deployment, valueOf } from "../../support/deploy";
import { backend, deployKubeflow as deployAnew, manifests, type Manifest, surroundings } from "../../support/kubeflow";

const official = { backend: "kubeflow" };
const onManagedDatabase = { backend: "kubeflow", database: { kind: "managed" } };
const compact = { backend: "compact" };
const backends = { official, "official-managed-database": onManagedDatabase, compact };

/** Each variant is run once, one after the other; the tests only look. */
const runs = new Map<string, Promise<Deployment<Kubeflow>>>();
let last: Promise<unknown> = Promise.resolve();
function deployKubeflow(settings: Readonly<Record<string, unknown>>): Promise<Deployment<Kubeflow>> {
  const key = JSON.stringify(settings);
  const run = runs.get(key) ?? last.then(() => deployAnew(settings));
  runs.set(key, run);
  last = run;
  return run;
}

/** Pod templates by the part that they are. */
function parts(deployment: Deployment<unknown>): Map<string, Manifest> {
  const workloads = manifests(deployment).filter(({ kind }) => kind === "Deployment");
  return new Map(
    workloads.map(({ spec }) => [spec.template.metadata.labels["app.kubernetes.io/component"] as string, spec]),
  );
}

function variablesOf(spec: Manifest): Record<string, unknown> {
  const variables = spec.template.spec.containers[0].env as { name: string; value?: string; valueFrom?: unknown }[];
  return Object.fromEntries(variables.map(({ name, value, valueFrom }) => [name, value ?? valueFrom]));
}

/** Whether one resource comes after another, directly or through others. */
function comesAfter({ of, resources }: Deployment<unknown>, later: string, earlier: string): boolean {
  const byUrn = new Map(resources.map((resource) => [resource.urn, resource]));
  const reached = new Set<string>();
  const open = [of(later).urn];
  for (let urn = open.pop(); urn !== undefined; urn = open.pop()) {
    if (reached.has(urn)) continue;
    reached.add(urn);
    open.push(...(byUrn.get(urn)?.dependencies ?? []));
  }
  return reached.has(of(earlier).urn);
}

describe("Kubeflow", () => {
  for (const [name, settings] of Object.entries(backends)) {
    // RECORD=1 writes the lists anew; their difference is then read in the commit.
    it(`makes with ${name} exactly the resources of golden/kubeflow-${name}.txt`, async () => {
      const { resources } = await deployKubeflow(settings);

      const lines = resources.map((resource) => `${resource.type} ${resource.name}`).sort();
      const golden = join(__dirname, "..", "golden", `kubeflow-${name}.txt`);
      if (process.env["RECORD"]) writeFileSync(golden, `${lines.join("\n")}\n`);
      assert.ok(existsSync(golden), `${golden} is missing`);
      assert.equal(`${lines.join("\n")}\n`, readFileSync(golden, "utf8"));
    });

    it(`keeps every pod of ${name} within the level restricted, off GPU nodes, and within requests and limits`, async () => {
      for (const [part, { template }] of parts(await deployKubeflow(settings))) {
        const { spec } = template;
        assert.equal(spec.securityContext.runAsNonRoot, true, part);
        assert.deepEqual(spec.securityContext.seccompProfile, { type: "RuntimeDefault" }, part);
        assert.deepEqual(spec.nodeSelector, { "recommender/pool": "cpu" }, part);
        assert.equal(spec.enableServiceLinks, false, part);
        for (const { securityContext, resources } of spec.containers) {
          assert.equal(securityContext.allowPrivilegeEscalation, false, part);
          assert.equal(securityContext.readOnlyRootFilesystem, true, part);
          assert.deepEqual(securityContext.capabilities, { drop: ["ALL"] }, part);
          assert.ok(resources.requests.cpu && resources.requests.memory && resources.limits.memory, part);
          assert.ok(resources.requests["ephemeral-storage"] && resources.limits["ephemeral-storage"], part);
        }
      }
    });

    it(`pins every image of ${name} by a version`, async () => {
      for (const [part, { template }] of parts(await deployKubeflow(settings)))
        for (const { image } of template.spec.containers) assert.match(image, /:v?\d[\w.]*$/, part);
    });

    it(`gives each pod of ${name} a network policy of its own`, async () => {
      const deployment = await deployKubeflow(settings);

      const policies = manifests(deployment).filter(({ kind }) => kind === "NetworkPolicy");
      const covered = policies.map(
        ({ spec }) => spec.podSelector.matchLabels["app.kubernetes.io/component"] ?? "steps",
      );
      assert.deepEqual(covered.sort(), [...parts(deployment).keys(), "steps"].sort());
      for (const { spec } of policies) assert.deepEqual(spec.policyTypes, ["Ingress", "Egress"]);
    });

    it(`gives no account of ${name} rights outside the namespace, or all rights to anything`, async () => {
      const objects = manifests(await deployKubeflow(settings));

      assert.deepEqual(
        objects.filter(({ kind }) => /^ClusterRole/.test(kind as string)),
        [],
      );
      for (const { rules } of objects.filter(({ kind }) => kind === "Role"))
        for (const { apiGroups, resources, verbs, resourceNames } of rules) {
          assert.ok(
            ![...apiGroups, ...resources, ...verbs].includes("*"),
            JSON.stringify({ apiGroups, resources, verbs }),
          );
          // A Secret is read by its name, so that nobody reads those of others.
          if (resources.includes("secrets")) assert.equal(resourceNames.length, 1);
        }
    });

    it(`starts whatever in ${name} holds the bucket's key anew with the next key`, async () => {
      for (const [part, { template }] of parts(await deployKubeflow(settings))) {
        const holdsKey = JSON.stringify(template.spec).includes('"mlpipeline-minio-artifact"');
        const restarts = template.metadata.annotations["recommender/artifacts-key"];
        assert.equal(restarts, holdsKey ? "SCWKEY" : undefined, part);
      }
    });

    it(`judges versions with ${name} only once the API answers, and hands the address out after that`, async () => {
      const deployment = await deployKubeflow(settings);

      const role = name === "compact" ? "compact" : "official-api";
      for (const webhook of ["kubeflow-webhooks-mutating", "kubeflow-webhooks-validating"]) {
        assert.ok(comesAfter(deployment, webhook, `kubeflow-${role}-server`));
        const { webhooks } = deployment.inputsOf(webhook);
        assert.equal(webhooks[0].failurePolicy, "Fail");
        assert.deepEqual(webhooks[0].namespaceSelector.matchLabels, { "kubernetes.io/metadata.name": "recommenders" });
      }
      assert.ok(comesAfter(deployment, `kubeflow-${role}-server`, "kubeflow-pipelineversions"));
      const { serviceName, servicePort, ready, namespace, pipelineRoot } = deployment.result;
      assert.deepEqual([serviceName, servicePort], ["ml-pipeline", 8888]);
      assert.equal(await valueOf(ready), "ml-pipeline");
      assert.equal(await valueOf(namespace), "recommenders");
      assert.equal(await valueOf(pipelineRoot), "s3://artifacts/v2/artifacts");
    });

    it(`names the API's port of ${name} first and the webhook's last`, async () => {
      const objects = manifests(await deployKubeflow(settings));

      const service = objects.find(({ kind, metadata }) => kind === "Service" && metadata.name === "ml-pipeline");
      const ports = service.spec.ports.map(({ name, port }: { name: string; port: number }) => `${name} ${port}`);
      assert.deepEqual([ports.at(0), ports.at(-1)], ["http 8888", "webhook 8443"]);
    });
  }

  it("offers the same kinds, address, webhooks and key as the same resources whatever the backend", async () => {
    const one = await deployKubeflow(official);
    const other = await deployKubeflow(compact);

    for (const name of ["kubeflow-pipelines", "kubeflow-pipelineversions"])
      assert.deepEqual(one.inputsOf(name), other.inputsOf(name));
    // Names that are fixed belong to one resource each: made by the one and dropped by the other they would collide.
    const fixed = (deployment: Deployment<unknown>) =>
      deployment.resources.filter(({ inputs }) => inputs.metadata?.name).map(({ name }) => name);
    const officialOnly = /^kubeflow-official-/;
    assert.deepEqual(
      fixed(one).filter((name) => !officialOnly.test(name)),
      fixed(other),
    );
    assert.equal(one.result.serviceName, other.result.serviceName);
    assert.equal(one.result.servicePort, other.result.servicePort);
  });
});

describe("The official backend", () => {
  it("starts in the order of what needs what", async () => {
    const deployment = await deployKubeflow(official);

    const after = (later: string, earlier: string) =>
      assert.ok(
        comesAfter(deployment, `kubeflow-official-${later}`, `kubeflow-official-${earlier}`),
        `${later} before ${earlier}`,
      );
    after("metadata-server", "database-service");
    after("api-server", "database-service");
    after("api-server", "metadata-service");
    after("workflows-controller", "workflows-workflows");
    after("persistence-agent", "api-server");
    after("scheduler-controller", "api-server");
    after("scheduler-controller", "schedules");
    after("pages-server", "api-server");
  });

  it("avoids what is known to break the API server", async () => {
    const deployment = await deployKubeflow(official);
    const server = parts(deployment).get("api-server");

    const { terminationGracePeriodSeconds, containers } = server.template.spec;
    assert.ok(terminationGracePeriodSeconds <= 10, "it does not end by itself while the webhook refuses");
    assert.ok(containers[0].args.includes("--pipelinesStoreKubernetes=true"));
    const variables = variablesOf(server);
    assert.ok(variables["ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_HOST"]);
    assert.ok(variables["ML_PIPELINE_VISUALIZATIONSERVER_SERVICE_PORT"]);
    const { data } = deployment.inputsOf("kubeflow-official-api-configuration");
    assert.deepEqual(JSON.parse(data["sample_config.json"] as string), { pipelines: [], loadSamplesOnRestart: false });
    assert.ok(!("plugins" in JSON.parse(data["config.json"] as string)));
  });

  it("names one bucket and one key in all three places that must agree", async () => {
    const deployment = await deployKubeflow(official);

    const variables = variablesOf(parts(deployment).get("api-server"));
    assert.equal(variables["OBJECTSTORECONFIG_BUCKETNAME"], "artifacts");
    assert.equal(variables["OBJECTSTORECONFIG_HOST"], "s3.fr-par.scw.cloud");
    assert.equal(variables["OBJECTSTORECONFIG_SECURE"], "true");
    const secret = "mlpipeline-minio-artifact";
    assert.deepEqual(variables["OBJECTSTORECONFIG_ACCESSKEY"], { secretKeyRef: { name: secret, key: "accesskey" } });
    const launcher = deployment.inputsOf("kubeflow-official-steps-launcher");
    assert.equal(launcher.metadata.name, "kfp-launcher");
    assert.equal(launcher.data.defaultPipelineRoot, "s3://artifacts/v2/artifacts");
    const { s3 } = JSON.parse(launcher.data.providers as string);
    assert.equal(s3.default.endpoint, "s3.fr-par.scw.cloud");
    assert.equal(s3.default.forcePathStyle, true);
    assert.equal(s3.default.credentials.secretRef.secretName, secret);
    const repository = JSON.parse(
      deployment.inputsOf("kubeflow-official-workflows-configuration").data.artifactRepository as string,
    );
    assert.equal(repository.s3.bucket, "artifacts");
    assert.deepEqual(repository.s3.accessKeySecret, { name: secret, key: "accesskey" });
  });

  it("runs the pods of steps as the level restricted wants them, and lets them displace nobody", async () => {
    const { inputsOf } = await deployKubeflow(official);

    const { workflowDefaults, executor } = inputsOf("kubeflow-official-workflows-configuration").data;
    const { spec } = JSON.parse(workflowDefaults as string);
    assert.equal(spec.securityContext.runAsNonRoot, true);
    assert.equal(spec.podPriorityClassName, "training");
    assert.deepEqual(JSON.parse(executor as string).securityContext.capabilities, { drop: ["ALL"] });
  });

  it("starts a log-in that the metadata store knows, with passwords that nobody chose", async () => {
    const deployment = await deployKubeflow(official);

    const { args } = parts(deployment).get("database").template.spec.containers[0];
    assert.ok(args.includes("--mysql-native-password=ON"));
    const { stringData } = deployment.inputsOf("kubeflow-official-database-secret");
    assert.equal(stringData.password, "password kubeflow-official-database-password");
    assert.notEqual(stringData.password, stringData.rootPassword);
  });

  it("keeps its records in Scaleway's database where asked to, in the cluster's network, and no MySQL of its own", async () => {
    const deployment = await deployKubeflow(onManagedDatabase);

    const { engine, privateNetwork, encryptionAtRest } = deployment.inputsOf("kubeflow-official-database-instance");
    assert.deepEqual(
      { engine, privateNetwork, encryptionAtRest },
      { engine: "MySQL-8", privateNetwork: { pnId: "fr-par/network", enableIpam: true }, encryptionAtRest: true },
    );
    assert.ok(!parts(deployment).has("database"));
    assert.equal(variablesOf(parts(deployment).get("api-server"))["DBCONFIG_MYSQLCONFIG_HOST"], "172.16.0.9");
    assert.ok(
      comesAfter(deployment, "kubeflow-official-api-server", "kubeflow-official-database-metadb-rights"),
      "it would make the database itself, and fail",
    );
  });

  it("leaves out pages and recurring runs where they are not wanted", async () => {
    const deployment = await deployKubeflow({ ...official, ui: false, recurringRuns: false });

    const made = [...parts(deployment).keys()];
    assert.ok(!made.some((part) => ["pages", "metadata-proxy", "scheduler"].includes(part)), made.join(", "));
  });

  it("drops the metadata store with the release that needs none", async () => {
    const settings = backend(official) as OfficialSettings;
    const args = surroundings(settings);
    const deployment = await deploy(
      () =>
        new OfficialBackend("official", {
          ...args,
          settings,
          surroundings: args,
          artifacts: new ArtifactStore("artifacts", args),
          certificate: new WebhookCertificate("certificate", {
            namespace: args.namespace,
            service: "ml-pipeline",
            expiresAt: settings.certificateExpiresAt,
          }),
          kinds: [],
          release: "3.0.0",
        }),
    );

    const made = [...parts(deployment).keys()];
    assert.ok(!made.some((part) => part.startsWith("metadata")), made.join(", "));
    assert.deepEqual(["2.17.0", "2.18.1", "3.0.0", "10.1.0"].map(needsMetadataStore), [true, true, false, false]);
  });

  it("fetches every image from a mirror where one is named, those inside variables included", async () => {
    const deployment = await deployKubeflow({ ...official, mirror: "rg.fr-par.scw.cloud/copies" });

    const text = JSON.stringify(manifests(deployment));
    assert.doesNotMatch(text, /(ghcr|gcr|quay|docker)\.io/);
    const images = officialImages("rg.fr-par.scw.cloud/copies");
    for (const image of Object.values(images)) assert.ok(text.includes(image), image);
    assert.equal(images.driver, "rg.fr-par.scw.cloud/copies/kubeflow/kfp-driver:2.17.0");
  });
});

describe("The compact backend", () => {
  it("is one process with its own disk, the shared volume and one key", async () => {
    const deployment = await deployKubeflow(compact);

    const { strategy, replicas, template } = deployment.inputsOf("kubeflow-compact-server").spec;
    assert.deepEqual({ strategy, replicas }, { strategy: { type: "Recreate" }, replicas: 1 });
    const claims = template.spec.volumes.flatMap((volume: Manifest) => volume.persistentVolumeClaim?.claimName ?? []);
    assert.deepEqual(claims, ["kubeflow-compact-disk-01234567", "nfs"]);
    const variables = variablesOf(deployment.inputsOf("kubeflow-compact-server").spec);
    assert.equal(variables["PIPELINE_ROOT"], "s3://artifacts/v2/artifacts");
    assert.equal(variables["SHARED_CLAIM"], "nfs");
    assert.deepEqual(variables["AWS_SECRET_ACCESS_KEY"], {
      secretKeyRef: { name: "mlpipeline-minio-artifact", key: "secretkey" },
    });
  });

  it("may run Jobs and keep pipelines, and read no Secret", async () => {
    const { inputsOf } = await deployKubeflow(compact);

    const resources = inputsOf("kubeflow-compact-account-role").rules.flatMap((rule: Manifest) => rule.resources);
    assert.ok(resources.includes("jobs"));
    assert.ok(!resources.includes("secrets"));
  });

  it("lets its steps fetch and publish, and talk to nobody in the cluster", async () => {
    const { inputsOf } = await deployKubeflow(compact);

    const { ingress, egress } = inputsOf("kubeflow-compact-steps-access").spec;
    assert.deepEqual(ingress, []);
    assert.deepEqual(egress, [{ ports: [{ protocol: "TCP", port: 443 }] }]);
  });
});

describe("The webhook's certificate", () => {
  const certificateOf = async (expiresAt: string) => {
    const { inputsOf, result } = await deploy(
      () => new WebhookCertificate("certificate", { namespace: "recommenders", service: "ml-pipeline", expiresAt }),
    );
    return { inputs: inputsOf("certificate-secret"), keepers: inputsOf("certificate-seed").keepers, result };
  };

  it("is the same at every preview, and another one once its end is moved", async () => {
    const first = await certificateOf("2036-01-01T00:00:00Z");
    const second = await certificateOf("2036-01-01T00:00:00Z");
    const moved = await certificateOf("2037-01-01T00:00:00Z");

    assert.deepEqual(first.inputs.stringData, second.inputs.stringData);
    assert.notEqual(first.inputs.stringData["tls.crt"], moved.inputs.stringData["tls.crt"]);
    assert.notDeepEqual(first.keepers, moved.keepers);
    assert.notEqual(await valueOf(first.result.fingerprint), await valueOf(moved.result.fingerprint));
  });

  it("keeps its key a secret and shows its certificate", async () => {
    const { result, inputs } = await certificateOf("2036-01-01T00:00:00Z");

    const isSecret = (output: pulumi.Output<unknown>) => (output as unknown as { isSecret: Promise<boolean> }).isSecret;
    assert.equal(await isSecret(result.caBundle), false);
    assert.equal(Buffer.from(await valueOf(result.caBundle), "base64").toString(), inputs.stringData["tls.crt"]);
  });
});
