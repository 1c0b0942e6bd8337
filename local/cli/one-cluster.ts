import { placesOf } from "../instance";
import { isUsed } from "../kapsule/halt";
import { hostClusters } from "../kapsule/host-clusters";
import { hasNetwork } from "../kapsule/network";

/**
 * Clusters of one machine would share addresses and kube-proxy's packet rules. One that was killed, or whose
 * data were deleted, is no hindrance: the next cluster takes away what is left of it.
 * @throws Error naming the state directory of the instance whose cluster runs
 */
export async function refuseSecondCluster(stateDir: string): Promise<void> {
  for (const cluster of hostClusters()) {
    if (cluster.stateDir === stateDir || !(await hasNetwork(cluster.id))) continue;
    if (await isUsed(placesOf(cluster.stateDir))) {
      throw new Error(
        `The cluster of another local Scaleway runs on this machine, where one has room. ` +
          `End it with "RECOMMENDER_STATE=${cluster.stateDir} npm stop"; its data stay.`,
      );
    }
  }
}
