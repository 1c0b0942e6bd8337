// One of each resource the emulated Scaleway knows; `revision` changes something in place on most of them.
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";

const config = new pulumi.Config();
const revision = config.get("revision") ?? "1";
const only = config.get("only");
const region = "fr-par";
const zone = "fr-par-2";
const projectId = config.require("projectId");
const tags = [`revision-${revision}`];

const foundation = () => {
  new scaleway.registry.Namespace("images", { name: "every-images", region, projectId, description: `r${revision}` });

  const bucket = new scaleway.object.Bucket("data", {
    name: "every-data",
    region,
    projectId,
    forceDestroy: true,
    versioning: { enabled: true },
    tags: { revision },
    corsRules: [{ allowedMethods: ["GET"], allowedOrigins: ["https://books.example"], maxAgeSeconds: 60 }],
    lifecycleRules: [
      { id: "tmp", enabled: true, prefix: "tmp/", expiration: { days: Number(revision) + 6 } },
      { id: "old", enabled: true, noncurrentVersionExpiration: { noncurrentDays: 30 } },
      { id: "parts", enabled: true, abortIncompleteMultipartUploadDays: 2 },
    ],
  });
  new scaleway.object.Item("ratings", {
    bucket: bucket.id,
    key: "ratings.csv",
    // An update of the provider only ever copies `content` from the old object: what it holds stays as it is.
    content: "user;book;rating\n",
    region,
    projectId,
    tags: { revision },
  });
  new scaleway.object.BucketAcl("acl", { bucket: bucket.id, acl: "private", region, projectId });
  new scaleway.object.BucketPolicy("policy", {
    bucket: bucket.id,
    region,
    projectId,
    policy: bucket.name.apply((name) =>
      JSON.stringify({
        Version: "2023-04-17",
        Statement: [
          { Sid: "all", Effect: "Allow", Principal: { SCW: `project_id:${projectId}` }, Action: "*", Resource: [name] },
        ],
      }),
    ),
  });

  const application = new scaleway.iam.Application("runner", { name: "every-runner", tags });
  new scaleway.iam.Policy("rights", {
    name: "every-rights",
    applicationId: application.id,
    rules: [
      { permissionSetNames: ["ObjectStorageObjectsRead", "ContainerRegistryReadOnly"], projectIds: [projectId] },
      ...(revision === "1" ? [] : [{ permissionSetNames: ["SecretManagerReadOnly"], projectIds: [projectId] }]),
    ],
  });
  const key = new scaleway.iam.ApiKey("key", {
    applicationId: application.id,
    defaultProjectId: projectId,
    expiresAt: "2030-01-01T00:00:00Z",
    description: `r${revision}`,
  });

  const secret = new scaleway.secrets.Secret("secret", { name: "every-secret", region, projectId, tags });
  new scaleway.secrets.Version("version", { secretId: secret.id, data: `value ${revision}`, region });
  new scaleway.block.Volume("volume", {
    name: "every-volume",
    iops: 5000,
    sizeInGb: 9 + Number(revision),
    zone,
    projectId,
  });
  new scaleway.account.Project("project", { name: "every-project", description: `r${revision}` });
  new scaleway.observability.Token("token", { name: "every-token", region, projectId });
  new scaleway.observability.Source("source", {
    name: "every-source",
    type: "metrics",
    retentionDays: 30 + Number(revision),
    region,
    projectId,
  });
  return key;
};

const cluster = () => {
  const vpc = new scaleway.network.Vpc("vpc", { name: "every-vpc", region, projectId, tags });
  const network = new scaleway.network.PrivateNetwork("network", {
    name: "every-network",
    vpcId: vpc.id,
    region,
    projectId,
    tags,
  });
  const address = new scaleway.network.PublicGatewayIp("address", { zone, projectId, tags });
  const gateway = new scaleway.network.PublicGateway("gateway", {
    name: "every-gateway",
    type: "VPC-GW-S",
    ipId: address.id,
    zone,
    projectId,
    tags,
  });
  const attached = new scaleway.network.GatewayNetwork("attached", {
    gatewayId: gateway.id,
    privateNetworkId: network.id,
    enableMasquerade: true,
    ipamConfigs: [{ pushDefaultRoute: true }],
    zone,
  });
  const kapsule = new scaleway.kubernetes.Cluster(
    "cluster",
    {
      name: "every-cluster",
      version: "1.36.4",
      cni: "cilium",
      type: "kapsule",
      privateNetworkId: network.id,
      deleteAdditionalResources: true,
      description: `r${revision}`,
      tags,
      region,
      projectId,
      autoscalerConfig: {
        disableScaleDown: false,
        scaleDownDelayAfterAdd: `${revision}0s`,
        scaleDownUnneededTime: "10s",
        estimator: "binpacking",
        expander: "price",
        ignoreDaemonsetsUtilization: true,
        balanceSimilarNodeGroups: false,
        expendablePodsPriorityCutoff: -10,
        scaleDownUtilizationThreshold: 0.5,
        maxGracefulTerminationSec: 60,
        skipNodesWithLocalStorage: false,
        logLevel: 2,
      },
    },
    { dependsOn: [attached] },
  );
  const cpu = new scaleway.kubernetes.Pool("cpu", {
    clusterId: kapsule.id,
    name: "cpu",
    nodeType: "DEV1-M",
    size: Number(revision),
    zone,
    region,
    tags,
    labels: { revision },
  });
  new scaleway.kubernetes.Pool(
    "gpu",
    {
      clusterId: kapsule.id,
      name: "gpu",
      nodeType: "L4-1-24G",
      size: 0,
      minSize: 0,
      maxSize: 2,
      autoscaling: true,
      zone,
      region,
      labels: { role: "training" },
      taints: [{ key: "nvidia.com/gpu", value: "present", effect: "NoSchedule" }],
    },
    { dependsOn: [cpu] },
  );
  new scaleway.kubernetes.Acl("acl", {
    clusterId: kapsule.id,
    aclRules: [
      { scalewayRanges: true, description: "nodes" },
      { ip: "203.0.113.0/24", description: `r${revision}` },
    ],
    region,
  });
  return kapsule;
};

/** Access key of the application; undefined without the foundation. */
export const accessKey = only === "cluster" ? undefined : foundation().accessKey;
/** Where the API server answers; undefined without the cluster. */
export const host = only === "foundation" ? undefined : cluster().kubeconfigs.apply(([first]) => first?.host);
