import { type ImageName, imageTag } from "../../images/tags";
import type { ImageRegistry } from "../cloud/foundation";

/** Full reference of an image of ours. Its tag is made from its content: what changed is pulled, nothing else. */
export function imageReference({ address }: ImageRegistry, image: ImageName): string {
  return `${address}/${image}:${imageTag(image)}`;
}
