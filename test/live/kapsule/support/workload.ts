import { BUSYBOX } from "./busybox";
import { GPU_TAINT } from "./specs";

const gpuToleration = { key: GPU_TAINT.key, operator: "Exists", effect: GPU_TAINT.effect };

/** A pod on the nodes of one pool. Its shell ends at once when asked to, so that no test waits for a grace period. */
export function pod(name: string, pool: "cpu" | "gpu", script: string, extra: object = {}): object {
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name, labels: { app: name } },
    spec: podSpec(pool, script, extra),
  };
}

export function podSpec(pool: "cpu" | "gpu" | undefined, script: string, extra: object = {}): object {
  return {
    nodeSelector: pool === undefined ? {} : { "k8s.scaleway.com/pool-name": pool },
    tolerations: [gpuToleration],
    terminationGracePeriodSeconds: 1,
    containers: [{ name: "main", image: BUSYBOX, imagePullPolicy: "IfNotPresent", args: ["sh", "-c", script] }],
    ...extra,
  };
}

export function service(name: string, port: number): object {
  return {
    apiVersion: "v1",
    kind: "Service",
    metadata: { name },
    spec: { selector: { app: name }, ports: [{ port: 80, targetPort: port }] },
  };
}

/** A Job that asks for one GPU. */
export function gpuJob(name: string): object {
  const container = {
    name: "main",
    image: BUSYBOX,
    imagePullPolicy: "IfNotPresent",
    args: ["echo", "trained"],
    resources: { limits: { "nvidia.com/gpu": 1 } },
  };
  const template = { spec: { restartPolicy: "Never", tolerations: [gpuToleration], containers: [container] } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { name }, spec: { template, backoffLimit: 0 } };
}
