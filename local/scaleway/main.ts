import { readFileSync } from "node:fs";
import { readInstance, stateDirectory } from "../instance";
import { Kapsule } from "../kapsule/kapsule";
import { Supervisor } from "../supervisor/supervisor";
import type { Edge } from "./edge/edge";
import { startEmulator } from "./emulator";
import { SimulatedRuntime } from "./kubernetes/simulated-runtime";
import type { ScalewayConfiguration } from "./service";

/**
 * The process of the emulated Scaleway. It reads the instance of `RECOMMENDER_STATE` and the configuration named by
 * `SCALEWAY_CONFIGURATION`; `LOCAL_KAPSULE=simulated` runs it without either tools or clusters.
 */
async function main(): Promise<void> {
  const instance = readInstance();
  if (!instance) throw new Error(`${stateDirectory()} holds no instance. Start the local stack once to create it.`);
  const log = (message: string): void => console.log(`${new Date().toISOString()} ${message}`);

  const runtime = (edge: Edge) => {
    if (process.env["LOCAL_KAPSULE"] === "simulated") return new SimulatedRuntime();
    const { tools, controllers, simulated } = readConfiguration();
    if (simulated) return new SimulatedRuntime();
    return new Kapsule({
      instance,
      tools,
      services: new Supervisor(instance),
      onNetworkUp: (address) => edge.listenOn(address),
      onNetworkDown: (address) => edge.stopListening(address),
      controllersCommand: (file) => [...controllers, file],
      log,
    });
  };
  const emulator = await startEmulator(instance, { runtime, log });
  log(`Scaleway answers on http://127.0.0.1:${instance.ports.api}`);

  const stop = (): void => {
    void emulator.close().finally(() => process.exit(0));
  };
  process.once("SIGTERM", stop);
  process.once("SIGINT", stop);
}

function readConfiguration(): ScalewayConfiguration {
  const file = process.env["SCALEWAY_CONFIGURATION"];
  if (file === undefined) throw new Error("SCALEWAY_CONFIGURATION must name the configuration of this process.");
  return JSON.parse(readFileSync(file, "utf8")) as ScalewayConfiguration;
}

main().catch((error: Error) => {
  console.error(error.message);
  process.exit(1);
});
