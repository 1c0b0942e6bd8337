import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { findBuildah } from "../../../../images/buildah";
import { POOL_LABEL } from "../../../../infra/cloud/pool-plan";
import { pushLocalImages } from "../../../../local/images/local-images";
import type { Instance } from "../../../../local/instance";
import { ensureNfsClient } from "../../../support/nfs-client";
import { ProgramStack } from "../../plugins/support/stack";

const run = promisify(execFile);
const REPOSITORY = join(__dirname, "..", "..", "..", "..");

/** User and group of the steps. */
const STEP_USER = 65532;

/** The NFS server of the platform as a stack of its own in a running cluster; its clients are programs of libnfs. */
export class NfsExport {
  private constructor(
    private readonly program: ProgramStack,
    private readonly address: string,
  ) {}

  /** Deploys what `sharedVolume: { kind: nfs }` makes, save the volume that nodes would mount. */
  static async deploy(instance: Instance, kubeconfig: string, endpoint: string): Promise<NfsExport> {
    await ensureNfsClient();
    const [, namespace = ""] = endpoint.split("/");
    await pushLocalImages(instance, await findBuildah(), namespace, () => undefined, ["nfs-server"]);
    const program = new ProgramStack(instance);
    program.program(source(instance, kubeconfig, endpoint));
    await program.create();
    await program.pulumi("up", "--yes", "--skip-preview");
    return new NfsExport(program, (await program.pulumi("stack", "output", "address")).trim());
  }

  /** Writes a file as a step would, over the network. */
  async write(name: string, text: string): Promise<void> {
    const folder = mkdtempSync(join(tmpdir(), "nfs-client-"));
    try {
      const file = join(folder, "source");
      writeFileSync(file, text);
      await run("nfs-cp", [file, this.url(name)]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }

  async read(name: string): Promise<string> {
    return (await run("nfs-cat", [this.url(name)])).stdout;
  }

  async destroy(): Promise<void> {
    await this.program.pulumi("destroy", "--yes", "--skip-preview");
  }

  private url(name: string): string {
    return `nfs://${this.address}/export/${name}?version=4&uid=${STEP_USER}&gid=${STEP_USER}`;
  }
}

/** The program; secrets stay in the file of the instance, which it reads. */
function source({ stateDir }: Instance, kubeconfig: string, endpoint: string): string {
  const text = JSON.stringify;
  return `
import { readFileSync } from "node:fs";
import * as kubernetes from "@pulumi/kubernetes";
import { createBacking } from ${text(join(REPOSITORY, "infra", "platform", "volume-backing"))};

const { account } = JSON.parse(readFileSync(${text(join(stateDir, "instance.json"))}, "utf8"));
const accessKey = pulumi.output(account.accessKey);
const registry = {
  address: ${text(endpoint)},
  endpoint: pulumi.output(${text(endpoint)}),
  pullCredentials: { accessKey, secretKey: pulumi.secret(account.secretKey) },
};
const context = {
  registry,
  priorityClassName: "system-cluster-critical",
  nodeSelector: { ${text(POOL_LABEL)}: "cpu" },
};
const provider = new kubernetes.Provider("cluster", { kubeconfig: ${text(kubeconfig)} });
const { nfs } = createBacking("shared", { kind: "nfs", size: "1Gi", storageClass: "sbs-5k" }, context, { provider });
export const address = pulumi.output(nfs).apply((export_) => export_.server);
`;
}
