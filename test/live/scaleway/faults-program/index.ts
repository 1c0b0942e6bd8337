// The resources whose names the setting `make` lists, so that each test meets only what it is about.
import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";

const config = new pulumi.Config();
const wanted = new Set(config.require("make").split(","));
const projectId = config.require("projectId");
const region = "fr-par";
const zone = "fr-par-2";

if (wanted.has("vpc")) {
  const vpc = new scaleway.network.Vpc("vpc", { name: "faulty-vpc", region, projectId });
  if (wanted.has("network"))
    new scaleway.network.PrivateNetwork("network", { name: "faulty-network", vpcId: vpc.id, region, projectId });
}
if (wanted.has("application")) new scaleway.iam.Application("application", { name: "faulty-application" });
if (wanted.has("secret")) {
  const secret = new scaleway.secrets.Secret("secret", { name: "faulty-secret", region, projectId });
  if (wanted.has("version")) new scaleway.secrets.Version("version", { secretId: secret.id, data: "value", region });
}
if (wanted.has("namespace")) new scaleway.registry.Namespace("namespace", { name: "faulty-images", region, projectId });
if (wanted.has("volume"))
  new scaleway.block.Volume(
    "volume",
    { name: "faulty-volume", iops: 5000, sizeInGb: 10, zone, projectId },
    { customTimeouts: { create: "2s" } },
  );
if (wanted.has("key")) new scaleway.iam.SshKey("key", { publicKey: "ssh-ed25519 AAAA nobody", projectId });
