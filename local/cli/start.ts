import { chownSync, existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { findBuildah } from "../../images/buildah";
import { HTTP_PORT, SERVICE_NAME } from "../../infra/platform/kubeflow/surroundings";
import { ensureInstance, type Instance, readInstance, stateDirectory } from "../instance";
import { buildLocalImages, pushLocalImages } from "../images/local-images";
import { kubernetesClient } from "../kubernetes/client";
import { Supervisor } from "../supervisor/supervisor";
import { ensureDebianPackages, ensureTools } from "../toolchain/ensure-tools";
import { checkMachine } from "../toolchain/machine";
import { chooseRatings, DEFAULT_DATA, rememberRatings, type WantedRatings, wantedRatings } from "./books-data";
import { BooksService, type Popular } from "./books-service";
import { ClusterWatch } from "./cluster-watch";
import { fullDisk, watchDisks } from "./disk-space";
import { Interruption } from "./interruption";
import { writeKubeconfig } from "./pass-through";
import { refuseSecondCluster } from "./one-cluster";
import { Phases } from "./phases";
import { STACK_FILE } from "./repository";
import { REGION, ScalewayApi } from "./scaleway-api";
import { bringUpServices } from "./services";
import { LocalStack, type StackOutputs } from "./stack";
import { namesBooksData } from "./stack-configuration";
import { lockInstance } from "./start-lock";
import { type Summary, summaryLines } from "./summary";

/** User that the steps run as; the directory behind the shared volume belongs to it. */
const STEP_USER = 65532;
/** Time for the GPU pool to go back to zero after the last step: its configured delays and a drain. */
const GPU_POOL_SECONDS = 120;
/** "Harry Potter and the Sorcerer's Stone", which most readers know; data without it show their most read item. */
const WELL_KNOWN_ISBN = "059035342X";

/** Brings everything up on this machine and says what came up. */
export async function start(): Promise<void> {
  const wanted = wantedRatings(process.env["BOOKS_DATA"], stateDirectory());
  await checkMachine({ stack: true, ports: await wantedPorts() });
  await refuseSecondCluster(stateDirectory());
  lockInstance(stateDirectory(), "npm start");
  const interruption = new Interruption();
  const instance = await ensureInstance();
  const folders = [instance.stateDir, instance.cacheDir].filter((folder) => existsSync(folder));
  const stopWatching = watchDisks(folders, () => interruption.end("a disk is full"));
  try {
    await bringUp(instance, wanted, interruption);
  } catch (error) {
    const full = fullDisk(folders);
    throw full ? new Error(`${(error as Error).message}\n\n${full}`, { cause: error }) : error;
  } finally {
    stopWatching();
  }
}

async function bringUp(instance: Instance, wanted: WantedRatings, interruption: Interruption): Promise<void> {
  const phases = new Phases();
  if (wanted.earlier) {
    console.log(`Ratings: ${wanted.file}, as in the last start; BOOKS_DATA=${DEFAULT_DATA} npm start goes back.`);
  }

  await phases.run("Debian packages", (detail) => ensureDebianPackages(detail));
  // Images need neither the tools, nor the registry, nor the cluster, which are made meanwhile.
  const buildah = await findBuildah();
  const images = phases.run("Images", (detail) => buildLocalImages(instance.cacheDir, buildah, detail));
  images.catch(() => undefined);
  const tools = await phases.run("Tools", (detail) => ensureTools(detail));
  const ratings = await chooseRatings(wanted, namesBooksData(STACK_FILE), instance.cacheDir);
  const api = new ScalewayApi(instance, REGION);
  await phases.run("Local Scaleway", () => bringUpServices(instance, tools, new Supervisor(instance), api));

  const clusters = new ClusterWatch(api, (line) => console.error(`\n${line}`));
  try {
    const stack = await phases.run("Stack and its settings", async (detail) => {
      const made = new LocalStack(instance, tools, detail, interruption);
      await made.prepare({ sharedVolumePath: sharedVolume(instance), ratings });
      return made;
    });
    if (!(await stack.outputs()).registryEndpoint) {
      // The images of the second pass need a registry to lie in.
      await phases.run("Cloud: registry, buckets, identities, cluster", () => stack.up(["**recommender:cloud:**"]));
    }
    await phases.run("Images into the registry", async (detail) => {
      await images;
      await pushLocalImages(instance, buildah, registryNamespace(await stack.outputs()), detail);
    });
    await phases.run("Cluster, platform and recommenders", () => stack.up());
    rememberRatings(instance.stateDir, wanted);
    const gpuPoolEmpty = await phases.run("GPU pool back to zero", () => clusters.untilEmpty(GPU_POOL_SECONDS));
    const books = await phases.run("First recommendation", async () => describe(await stack.outputs()));
    const addresses = await addressesOf(instance, api, await stack.outputs());
    const summary: Summary = { ...books, addresses, gpuPool: clusters.life, gpuPoolEmpty, total: phases.total };
    console.log(summaryLines(summary).join("\n"));
  } finally {
    await clusters.stop();
  }
}

/** Ports of an instance that does not run: somebody else may have taken them since it did. */
async function wantedPorts(): Promise<number[]> {
  const instance = readInstance();
  if (!instance || (await new Supervisor(instance).isRunning())) return [];
  return Object.values(instance.ports) as number[];
}

function registryNamespace({ registryEndpoint }: StackOutputs): string {
  const namespace = registryEndpoint?.split("/")[1];
  if (!namespace)
    throw new Error(`The stack's output registryEndpoint is "${registryEndpoint}", wanted <host>/<namespace>.`);
  return namespace;
}

function sharedVolume({ stateDir }: Instance): string {
  const folder = join(stateDir, "shared-volume");
  mkdirSync(folder, { recursive: true, mode: 0o750 });
  chownSync(folder, STEP_USER, STEP_USER);
  return folder;
}

async function describe({ booksUrl }: StackOutputs): Promise<Pick<Summary, "dataName" | "steps" | "recommendations">> {
  if (!booksUrl) throw new Error("The stack has no output booksUrl: the recommender was not deployed.");
  const service = new BooksService(booksUrl);
  const popular = await service.popular();
  const steps = await service.training();
  return { dataName: popular.data.name, steps, recommendations: await wellKnown(service, popular) };
}

async function wellKnown(service: BooksService, { popular }: Popular) {
  const first = popular[0];
  if (!first) throw new Error("The books service knows no item.");
  return service.recommendations(WELL_KNOWN_ISBN).catch(() => service.recommendations(first.item));
}

async function addressesOf(instance: Instance, api: ScalewayApi, outputs: StackOutputs): Promise<Summary["addresses"]> {
  const { ports, stateDir } = instance;
  const kubeconfig = await writeKubeconfig(stateDir, api);
  const iris = outputs.irisUrl === undefined ? [] : [["iris", `${outputs.irisUrl}/v2/models/iris/infer`] as const];
  return [
    ["recommendations", `${outputs.booksUrl ?? ""}/recommendations/<isbn or title>`],
    ...iris,
    ["pipelines", `${await pipelinesAddress(kubeconfig, outputs)} (runs, graphs, logs, metrics)`],
    ["Scaleway API", `http://127.0.0.1:${ports.api}`],
    ["registry", `127.0.0.1:${ports.registry} (${outputs.registryEndpoint ?? ""})`],
    ["kubeconfig", kubeconfig],
    ["logs", `${join(stateDir, "logs")} (npm run logs)`],
  ];
}

/** The pipelines' own page: the addresses of a cluster's Services answer on the machine that its nodes run on. */
async function pipelinesAddress(kubeconfig: string, { namespace = "default" }: StackOutputs): Promise<string> {
  const client = kubernetesClient(kubeconfig);
  try {
    const { spec } = await client.json<{ spec: { clusterIP: string } }>(
      "GET",
      `/api/v1/namespaces/${namespace}/services/${SERVICE_NAME}`,
    );
    return `http://${spec.clusterIP}:${HTTP_PORT}`;
  } finally {
    client.close();
  }
}
