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
  {
    ...settings.platform,
    ...{ project, registry, objectStorage },
    lastingPool: books.cpuPool,
    privateNetworkId: cluster.privateNetworkId,
  },
  cluster.inside,
);

const { id: clusterId, kubeconfig } = cluster;
const recommenders = new Recommenders(
  "recommenders",
  { ...settings.recommenders, project, platform, objectStorage, clusterId, kubeconfig },
  cluster.inside,
);

export const projectId = project.projectId;
export const registryEndpoint = registry.endpoint;
export const dataBucket = objectStorage.buckets.data.name;
export const gpuPool = cluster.poolIds[books.gpuPool];
export { clusterId, kubeconfig };
export const namespace = platform.namespace;
export const booksData = books.data.name;
export const booksUrl = recommenders.books.url;
export const booksPipelineVersion = recommenders.books.pipelineVersion;
export const irisUrl = recommenders.iris?.url;
