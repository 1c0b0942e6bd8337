import * as pulumi from "@pulumi/pulumi";
import { type ImageName, imageTag } from "../../images/tags";

/** Full reference of an image of ours. Its tag is made from its content: what changed is pulled, nothing else. */
export function imageReference(registryEndpoint: pulumi.Input<string>, image: ImageName): pulumi.Output<string> {
  return pulumi.interpolate`${registryEndpoint}/${image}:${imageTag(image)}`;
}
