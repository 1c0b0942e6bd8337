import { type ChildProcess, spawn } from "node:child_process";
import { generateKeyPairSync, randomUUID } from "node:crypto";
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../../../local/instance";
import type { HttpClient } from "../../../../local/kubernetes/http-client";
import { kubernetesClient } from "../../../../local/kubernetes/client";
import type { Tools } from "../../../../local/toolchain/tools";
import { until } from "./until";

/** A real API server, scheduler and controller manager on loopback ports, without a kubelet. */
export interface BareControlPlane {
  readonly directory: string;
  readonly kubeconfig: string;
  readonly client: HttpClient;
  stop(): Promise<void>;
}

/** Loopback addresses, so that whatever the test listens on there stands for the service proxy. */
export const SERVICE_RANGE = "127.53.0.0/24";

export async function startControlPlane(
  tools: Pick<Tools, "etcd" | "kube-apiserver" | "kube-controller-manager" | "kube-scheduler">,
): Promise<BareControlPlane> {
  const directory = mkdtempSync(join(tmpdir(), "control-plane-"));
  const [clients = 0, peers = 0, secure = 0, manager = 0, scheduler = 0] = await freePorts(5);
  const children: ChildProcess[] = [];
  const run = (name: string, program: string, args: string[]) => {
    const log = openSync(join(directory, `${name}.log`), "a");
    children.push(spawn(program, args, { cwd: directory, stdio: ["ignore", log, log] }));
  };
  const stop = async () => {
    client?.close();
    await Promise.all(children.reverse().map(end));
    rmSync(directory, { recursive: true, force: true });
  };
  let client: HttpClient | undefined;

  const token = randomUUID();
  writeFileSync(join(directory, "tokens.csv"), `${token},admin,admin,"system:masters"\n`, { mode: 0o600 });
  const { privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const key = join(directory, "accounts.pem");
  writeFileSync(key, privateKey.export({ type: "pkcs1", format: "pem" }), { mode: 0o600 });
  mkdirSync(join(directory, "certificates"));

  try {
    run("etcd", tools.etcd, [
      `--data-dir=${join(directory, "etcd")}`,
      `--listen-client-urls=http://127.0.0.1:${clients}`,
      `--advertise-client-urls=http://127.0.0.1:${clients}`,
      `--listen-peer-urls=http://127.0.0.1:${peers}`,
      "--unsafe-no-fsync",
      "--log-level=warn",
    ]);
    run("apiserver", tools["kube-apiserver"], [
      `--etcd-servers=http://127.0.0.1:${clients}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${secure}`,
      `--cert-dir=${join(directory, "certificates")}`,
      `--token-auth-file=${join(directory, "tokens.csv")}`,
      "--authorization-mode=RBAC",
      "--service-account-issuer=https://kubernetes.default.svc",
      `--service-account-key-file=${key}`,
      `--service-account-signing-key-file=${key}`,
      `--service-cluster-ip-range=${SERVICE_RANGE}`,
      "--disable-admission-plugins=ServiceAccount",
    ]);
    const certificate = join(directory, "certificates", "apiserver.crt");
    const kubeconfig = join(directory, "kubeconfig.json");
    client = await until("the API server is ready", async () => {
      writeFileSync(kubeconfig, kubeconfigText(secure, token, readFileSync(certificate)), { mode: 0o600 });
      const candidate = kubernetesClient(kubeconfig);
      await candidate.json("GET", "/api/v1/namespaces/default");
      return candidate;
    });
    run("controller-manager", tools["kube-controller-manager"], [
      `--kubeconfig=${kubeconfig}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${manager}`,
      `--service-account-private-key-file=${key}`,
      "--leader-elect=false",
      // No kubelet renews its lease: the nodes of the tests stay what the tests say they are.
      "--node-monitor-grace-period=24h",
    ]);
    run("scheduler", tools["kube-scheduler"], [
      `--kubeconfig=${kubeconfig}`,
      "--bind-address=127.0.0.1",
      `--secure-port=${scheduler}`,
      "--leader-elect=false",
    ]);
    return { directory, kubeconfig, client, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function kubeconfigText(port: number, token: string, certificate: Buffer): string {
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": "test",
    contexts: [{ name: "test", context: { cluster: "test", user: "test" } }],
    clusters: [
      {
        name: "test",
        cluster: {
          server: `https://127.0.0.1:${port}`,
          "certificate-authority-data": certificate.toString("base64"),
        },
      },
    ],
    users: [{ name: "test", user: { token } }],
  });
}

function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((done) => {
    child.once("exit", () => done());
    child.kill("SIGKILL");
  });
}
