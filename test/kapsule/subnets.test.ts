import { strict as assert } from "node:assert";
import * as subnets from "../../local/kapsule/subnets";
import { lowestFree } from "../../local/kapsule/placements";

describe("Addresses of a cluster", () => {
  it("keeps the first ones for the gateway and the API server, nodes follow from the tenth", () => {
    assert.equal(subnets.gatewayAddress("172.16.0.0/22"), "172.16.0.1");
    assert.equal(subnets.apiServerAddress("172.16.0.0/22"), "172.16.0.2");
    assert.equal(subnets.nodeAddress("172.16.0.0/22", 0), "172.16.0.10");
    assert.equal(subnets.nodeAddress("172.16.0.0/22", 250), "172.16.1.4");
  });

  it("counts from the start of a subnet, however it is written", () => {
    assert.equal(subnets.addressAt("10.32.5.77/20", 10), "10.32.0.10");
    assert.equal(subnets.addressAt("192.168.255.0/24", 255), "192.168.255.255");
  });

  it("gives each node a /24 of the pod subnet", () => {
    assert.equal(subnets.nodePodCidr("100.64.0.0/15", 0), "100.64.0.0/24");
    assert.equal(subnets.nodePodCidr("100.64.0.0/15", 257), "100.65.1.0/24");
  });

  it("has room for as many nodes as the smaller of both subnets", () => {
    assert.equal(subnets.nodeLimit("172.16.0.0/22", "100.64.0.0/15"), 512);
    assert.equal(subnets.nodeLimit("172.16.0.0/28", "100.64.0.0/15"), 5);
    assert.equal(subnets.nodeLimit("172.16.0.0/30", "100.64.0.0/15"), 0);
  });

  for (const wrong of ["172.16.0.0", "172.16.0/22", "300.1.1.1/22", "10.0.0.0/33", "fd00::/64"]) {
    it(`refuses ${wrong} by name`, () => {
      assert.throws(() => subnets.addressAt(wrong, 1), new RegExp(`"${wrong}" is not an IPv4 subnet`));
    });
  }

  it("refuses an address outside of its subnet and a pod subnet smaller than a node's", () => {
    assert.throws(() => subnets.addressAt("10.0.0.0/30", 4), /no address number 4/);
    assert.throws(() => subnets.nodePodCidr("100.64.0.0/25", 0), /smaller than the \/24/);
  });

  it("gives a new node the lowest place that is free", () => {
    assert.equal(lowestFree([]), 0);
    assert.equal(lowestFree([2, 0, 1]), 3);
    assert.equal(lowestFree([0, 2]), 1);
  });
});
