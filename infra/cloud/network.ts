import * as pulumi from "@pulumi/pulumi";
import * as scaleway from "@pulumiverse/scaleway";
import type { Project } from "../settings/project";
import { tags } from "./tags";

export interface NetworkArgs {
  readonly project: Project;
  /** IPv4 network of the nodes in CIDR notation; it cannot be changed in place. */
  readonly privateSubnet: string;
}

/** A network of its own, so that nothing else of the project shares one with the nodes. */
export class Network extends pulumi.ComponentResource {
  /** Private network as `<region>/<uuid>`. */
  readonly privateNetworkId: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super("recommender:cloud:Network", name, args, opts);
    const { projectId, region } = args.project;
    const place = { projectId, region, tags: tags() };
    const vpc = new scaleway.network.Vpc(`${name}-vpc`, place, { parent: this });
    const privateNetwork = new scaleway.network.PrivateNetwork(
      `${name}-private`,
      { ...place, vpcId: vpc.id, ipv4Subnet: { subnet: args.privateSubnet } },
      { parent: this },
    );
    this.privateNetworkId = privateNetwork.id;
    this.registerOutputs({ privateNetworkId: this.privateNetworkId });
  }
}
