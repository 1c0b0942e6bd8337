import type { AutoscalerSettings } from "../../runtime";
import { durationSeconds } from "../configuration";

/** The autoscaler block with its durations in seconds. */
export interface Settings {
  readonly scaleDownDisabled: boolean;
  readonly delayAfterAddSeconds: number;
  readonly unneededSeconds: number;
  readonly utilisationThreshold: number;
  readonly ignoreDaemonSets: boolean;
  readonly balanceSimilar: boolean;
  /** Pods below this priority neither ask for nodes nor keep them. */
  readonly priorityCutoff: number;
  readonly gracefulTerminationSeconds: number;
  readonly skipNodesWithLocalStorage: boolean;
  readonly expander: string;
}

export function settingsOf(block: AutoscalerSettings): Settings {
  return {
    scaleDownDisabled: block.scale_down_disabled,
    delayAfterAddSeconds: durationSeconds(block.scale_down_delay_after_add),
    unneededSeconds: durationSeconds(block.scale_down_unneeded_time),
    utilisationThreshold: block.scale_down_utilization_threshold,
    ignoreDaemonSets: block.ignore_daemonsets_utilization,
    balanceSimilar: block.balance_similar_node_groups,
    priorityCutoff: block.expendable_pods_priority_cutoff,
    gracefulTerminationSeconds: block.max_graceful_termination_sec,
    skipNodesWithLocalStorage: block.skip_nodes_with_local_storage,
    expander: block.expander,
  };
}

/** Times that Scaleway does not let its users set: the defaults of the cluster-autoscaler. Tests shorten them. */
export interface Timing {
  /** Pause of a pool after a failed growth; doubles up to the maximum. */
  readonly backoffSeconds: number;
  readonly maxBackoffSeconds: number;
  /** Pause after an error of the connection, which says nothing about the pool. */
  readonly transientBackoffSeconds: number;
  /** A node that has not registered by then is given up. */
  readonly provisionSeconds: number;
  /** A node that is not ready counts as unneeded for this long before it goes. */
  readonly unreadySeconds: number;
  readonly delayAfterFailureSeconds: number;
  /** How long an eviction that a disruption budget refuses is tried. */
  readonly evictionSeconds: number;
  /** How long a pod may wait for a node that has room before the scheduler is believed that it has none. */
  readonly schedulerSeconds: number;
}

export const TIMING: Timing = {
  backoffSeconds: 300,
  maxBackoffSeconds: 1800,
  transientBackoffSeconds: 5,
  provisionSeconds: 900,
  unreadySeconds: 1200,
  delayAfterFailureSeconds: 180,
  evictionSeconds: 120,
  schedulerSeconds: 15,
};
