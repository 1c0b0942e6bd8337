import assert from "node:assert/strict";
import { compile } from "../../../pipelines/sdk/compile";
import { samples } from "./samples/pipelines";

interface Spec {
  readonly root: { readonly dag: { readonly tasks: Readonly<Record<string, Record<string, unknown>>> } };
  readonly components: Readonly<Record<string, { readonly executorLabel: string }>>;
  readonly deploymentSpec: {
    readonly executors: Readonly<Record<string, { readonly container: Record<string, unknown> }>>;
  };
}
interface PlatformSpec {
  readonly platforms: {
    readonly kubernetes: { readonly deploymentSpec: { readonly executors: Readonly<Record<string, object>> } };
  };
}

describe("Settings of a step", () => {
  const { pipelineSpec, platformSpec } = compile(samples.settings);
  const { root, components, deploymentSpec } = pipelineSpec as unknown as Spec;
  const { tasks } = root.dag;
  const { executors } = (platformSpec as unknown as PlatformSpec).platforms.kubernetes.deploymentSpec;
  const labelOf = (task: string) => components[(tasks[task]?.["componentRef"] as { name: string }).name]!.executorLabel;
  const constant = (value: unknown) => ({ runtimeValue: { constant: value } });

  it("say what its container is: image, environment, requests and limits, GPUs", () => {
    const { image, env, resources } = deploymentSpec.executors[labelOf("make")]!.container;

    assert.equal(image, "registry.example/other:1");
    assert.deepEqual(env, [
      { name: "A", value: "1" },
      { name: "B", value: "2" },
    ]);
    assert.deepEqual(resources, {
      resourceCpuRequest: "250m",
      resourceCpuLimit: "1",
      resourceMemoryRequest: "1Gi",
      resourceMemoryLimit: "2Gi",
      accelerator: { resourceType: "nvidia.com/gpu", resourceCount: "1" },
    });
  });

  it("say what Kubernetes does for it, in the platform's document", () => {
    assert.deepEqual(executors[labelOf("make")], {
      nodeSelector: { labels: { "k8s.scaleway.com/pool-name": "gpu" } },
      tolerations: [
        { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
        { key: "slow", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: "30" },
      ],
      pvcMount: [
        { pvcNameParameter: constant("data"), mountPath: "/mnt/data", subPath: "datasets" },
        { pvcNameParameter: { componentInputParameter: "claim" }, mountPath: "/mnt/nfs" },
      ],
      emptyDirMounts: [{ volumeName: "shm", mountPath: "/dev/shm", medium: "Memory", sizeLimit: "1Gi" }],
      secretAsEnv: [
        {
          secretNameParameter: { taskOutputParameter: { producerTask: "say", outputParameterKey: "said" } },
          keyToEnv: [
            { envVar: "ID", secretKey: "id" },
            { envVar: "KEY", secretKey: "key" },
          ],
          optional: false,
        },
      ],
      secretAsVolume: [{ secretNameParameter: constant("kaggle"), mountPath: "/secret/kaggle", optional: true }],
      configMapAsEnv: [
        {
          configMapNameParameter: constant("settings"),
          keyToEnv: [{ envVar: "LEVEL", configMapKey: "level" }],
          optional: false,
        },
      ],
      configMapAsVolume: [{ configMapNameParameter: constant("files"), mountPath: "/etc/files", optional: false }],
      fieldPathAsEnv: [{ name: "NODE", fieldPath: "spec.nodeName" }],
      imagePullPolicy: "Always",
      imagePullSecret: [{ secretNameParameter: constant("registry") }],
      podMetadata: {
        labels: { "kaggle-secret": "true" },
        annotations: { note: "kept", "pipelines.recommender/max-cache-staleness": "P7D" },
      },
      activeDeadlineSeconds: "900",
      securityContext: { runAsUser: "65532", runAsGroup: "65532", runAsNonRoot: true },
    });
  });

  it("order it after the step that makes the name of its secret", () => {
    assert.deepEqual(tasks["make"]?.["dependentTasks"], ["say"]);
  });

  it("say how often it is tried, with growing pauses", () => {
    assert.deepEqual(tasks["make"]?.["retryPolicy"], {
      maxRetryCount: 3,
      backoffDuration: "30s",
      backoffFactor: 1.5,
      backoffMaxDuration: "600s",
    });
    assert.equal(tasks["say"]?.["retryPolicy"], undefined);
  });

  it("reuse results at any age, up to an age, or not at all", () => {
    const caching = (task: string) => tasks[task]?.["cachingOptions"];

    assert.deepEqual(caching("say"), { enableCache: true });
    assert.deepEqual(caching("make"), { enableCache: true });
    assert.deepEqual(caching("fresh"), {});
    assert.deepEqual(caching("off"), {});
  });
});
