import { placesOf } from "../instance";
import { hostClusters } from "../kapsule/host-clusters";
import { hasNetwork } from "../kapsule/network";
import { Supervisor } from "../supervisor/supervisor";

/**
 * Clusters of one machine would share addresses and kube-proxy's packet rules. One that only left its traces, having
 * been killed, is no hindrance: the next cluster takes them away.
 * @throws Error naming the state directory of the instance whose cluster runs
 */
export async function refuseSecondCluster(stateDir: string): Promise<void> {
  for (const cluster of hostClusters()) {
    if (cluster.stateDir === stateDir || !(await hasNetwork(cluster.id))) continue;
    if (await new Supervisor(placesOf(cluster.stateDir)).isRunning()) {
      throw new Error(
        `The cluster of another local Scaleway runs on this machine, where one has room. ` +
          `End it with "RECOMMENDER_STATE=${cluster.stateDir} npm stop"; its data stay.`,
      );
    }
  }
}
