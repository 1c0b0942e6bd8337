import { existsSync, readdirSync } from "node:fs";
import type { InstancePlaces } from "../instance";
import { readJson, writeFile } from "./files";
import type { Placement } from "./node";
import { clusterPaths, nodePaths } from "./paths";
import type { ClusterSpec, NodeSpec } from "./runtime";
import { nodeAddress, nodeLimit, nodePodCidr } from "./subnets";

interface NodeRecord {
  readonly name: string;
  /** Position of the node in the private network and in the pod subnet. */
  readonly index: number;
}

/** Ids of the nodes that have anything on this machine. */
export function nodeIds(instance: InstancePlaces, clusterId: string): string[] {
  const { nodes } = clusterPaths(instance, clusterId);
  return existsSync(nodes) ? readdirSync(nodes) : [];
}

/** Records of the nodes of a cluster. */
export function nodeRecords(instance: InstancePlaces, clusterId: string): NodeRecord[] {
  return nodeIds(instance, clusterId).flatMap(
    (id) => readJson<NodeRecord>(nodePaths(instance, clusterId, id).record) ?? [],
  );
}

/**
 * Address and pod subnet of a node: the lowest free ones, kept until the node is removed. Runs without a pause between
 * reading and writing, so that two nodes that start together cannot be given the same.
 */
export function placeNode(instance: InstancePlaces, spec: ClusterSpec, node: NodeSpec): Placement {
  const file = nodePaths(instance, spec.id, node.id).record;
  const index =
    readJson<NodeRecord>(file)?.index ?? lowestFree(nodeRecords(instance, spec.id).map((record) => record.index));
  const limit = nodeLimit(spec.privateSubnet, spec.podCidr);
  if (index >= limit) {
    throw new Error(
      `Cluster ${spec.name} has ${limit} nodes, all that ${spec.privateSubnet} and ${spec.podCidr} hold. Use larger subnets.`,
    );
  }
  writeFile(file, JSON.stringify({ name: node.name, index } satisfies NodeRecord));
  return { address: nodeAddress(spec.privateSubnet, index), podCidr: nodePodCidr(spec.podCidr, index) };
}

/** The place that a node was given, if it was given one. */
export function placementOf(instance: InstancePlaces, spec: ClusterSpec, nodeId: string): Placement | undefined {
  const record = readJson<NodeRecord>(nodePaths(instance, spec.id, nodeId).record);
  if (!record) return undefined;
  return { address: nodeAddress(spec.privateSubnet, record.index), podCidr: nodePodCidr(spec.podCidr, record.index) };
}

export function lowestFree(taken: readonly number[]): number {
  const used = new Set(taken);
  let index = 0;
  while (used.has(index)) index++;
  return index;
}
