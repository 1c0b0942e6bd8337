import * as pulumi from "@pulumi/pulumi";

/**
 * Tags of every resource that takes some. An API answer lost on the way can leave a resource that no state knows:
 * these tell whose it is.
 */
export function tags(): string[] {
  return [`project=${pulumi.getProject()}`, `stack=${pulumi.getStack()}`];
}

/** The same for buckets, whose tags are a map. */
export function tagMap(): Record<string, string> {
  return { project: pulumi.getProject(), stack: pulumi.getStack() };
}
