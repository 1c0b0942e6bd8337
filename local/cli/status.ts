import { existingInstance } from "../instance";
import { Supervisor } from "../supervisor/supervisor";
import { REGION, ScalewayApi } from "./scaleway-api";
import { table } from "./table";

/** Prints what runs on this machine, and where it answers. */
export async function status(): Promise<void> {
  const instance = existingInstance();
  const supervisor = new Supervisor(instance);
  if (!(await supervisor.isRunning())) {
    console.log(`Nothing runs. Data are kept in ${instance.stateDir}; npm start goes on from there.`);
    return;
  }
  const services = await supervisor.status();
  const rows = services.map(({ name, up, pid, upSeconds }) => [
    name,
    up ? "up" : "down",
    pid === undefined ? "" : String(pid),
    up ? `${upSeconds} s` : "",
  ]);
  console.log(table([["service", "state", "process", "for"], ...rows]).join("\n"));

  const api = new ScalewayApi(instance, REGION);
  if (!(await api.healthy())) {
    console.log("\nThe Scaleway API does not answer yet: npm run logs -- scaleway says why.");
    return;
  }
  console.log(`\nScaleway API   http://127.0.0.1:${instance.ports.api}`);
  for (const cluster of await api.clusters()) {
    const nodes = await api.nodes(cluster.id);
    const pools = (await api.pools(cluster.id)).map(({ id, name, node_type, status: state }) => {
      const count = nodes.filter(({ pool_id }) => pool_id === id).length;
      return [name, node_type, state, String(count)];
    });
    console.log(`Cluster ${cluster.name}: ${cluster.status}, Kubernetes ${cluster.version}\n`);
    console.log(table([["pool", "node type", "state", "nodes"], ...pools]).join("\n"));
  }
}
