/* eslint-disable @typescript-eslint/no-unsafe-member-access -- assertions on manifests of every kind */
import assert from "node:assert/strict";
import { Cluster } from "../../../infra/cloud/cluster";
import { deploy } from "../../support/deploy";
import { settingsOf } from "../../support/settings";

const { project, cluster } = settingsOf("dev");
const plain = { ...cluster, project };

describe("Cluster", () => {
  it("gives the autoscaler its whole block, since the provider fills gaps with zeros", async () => {
    const { inputsOf } = await deploy(() => new Cluster("cluster", plain));

    assert.deepEqual(inputsOf("cluster-control-plane").autoscalerConfig, {
      disableScaleDown: false,
      scaleDownDelayAfterAdd: "10m",
      scaleDownUnneededTime: "10m",
      scaleDownUtilizationThreshold: 0.5,
      estimator: "binpacking",
      expander: "random",
      ignoreDaemonsetsUtilization: false,
      balanceSimilarNodeGroups: false,
      expendablePodsPriorityCutoff: -10,
      maxGracefulTerminationSec: 600,
      skipNodesWithLocalStorage: true,
      logLevel: 2,
    });
  });

  it("rotates keys in place: Jobs that name a replaced Secret would run again", async () => {
    const { inputsOf } = await deploy(() => new Cluster("cluster", plain));

    assert.equal(inputsOf("cluster-kubernetes").enableSecretMutable, "true");
  });

  it("opens the upgrade window where there is one", async () => {
    const { inputsOf } = await deploy(() => new Cluster("cluster", plain));

    assert.deepEqual(inputsOf("cluster-control-plane").autoUpgrade, {
      enable: true,
      maintenanceWindowDay: "any",
      maintenanceWindowStartHour: 3,
    });
  });

  it("reaches the cluster once it has a node, and survives a rotated kubeconfig", async () => {
    const { of, inputsOf } = await deploy(() => new Cluster("cluster", plain));

    assert.ok(of("cluster-kubernetes").dependencies.includes(of("cluster-pools-cpu").urn));
    assert.equal(inputsOf("cluster-kubernetes").clusterIdentifier, "cluster-control-plane-id");
    assert.equal(inputsOf("cluster-kubernetes").kubeconfig, "kubeconfig of the cluster");
  });

  it("lets every network reach the API server by default, and nodes in any case", async () => {
    const office = { network: "192.0.2.0/24", description: "Office" };
    const open = await deploy(() => new Cluster("cluster", plain));
    const closed = await deploy(() => new Cluster("cluster", { ...plain, access: { networks: [office] } }));

    assert.ok(!open.names.includes("cluster-access"));
    assert.deepEqual(closed.inputsOf("cluster-access").aclRules, [
      { scalewayRanges: true, description: "Nodes" },
      { ip: "192.0.2.0/24", description: "Office" },
    ]);
  });
});
