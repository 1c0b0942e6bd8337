import { Cluster } from "./infra/cloud/cluster";
import { Foundation } from "./infra/cloud/foundation";
import { Platform } from "./infra/platform/platform";
import { Recommenders } from "./infra/recommender/recommenders";
import { loadSettings } from "./infra/settings";

const settings = loadSettings();
const { project } = settings;
const { books } = settings.recommenders;

const foundation = new Foundation("foundation", { ...settings.foundation, project }); // outlives clusters
const { registry, objectStorage } = foundation;

const cluster = new Cluster("cluster", { ...settings.cluster, project });

const platform = new Platform(
  "platform",
  { ...settings.platform, registry, objectStorage, lastingPool: books.cpuPool },
  cluster.inside,
);

const recommenders = new Recommenders("recommenders", { books, project, platform, objectStorage }, cluster.inside);

export const projectId = project.projectId;
export const registryEndpoint = registry.endpoint;
export const dataBucket = objectStorage.dataBucket.name;
export const clusterId = cluster.id;
export const gpuPool = cluster.poolIds[books.gpuPool];
export const kubeconfig = cluster.kubeconfig;
export const namespace = platform.namespace;
export const booksData = books.data.name;
export const booksJobs = recommenders.booksJobs;
export const booksUrl = recommenders.booksUrl;
