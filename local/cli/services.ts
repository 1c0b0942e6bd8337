import { join } from "node:path";
import { bundle } from "../bundle";
import type { Instance } from "../instance";
import { objectStorageService } from "../scaleway/object-storage/backend";
import { registryService } from "../scaleway/registry/backend";
import { scalewayService } from "../scaleway/service";
import type { Service } from "../supervisor/service";
import type { Supervisor } from "../supervisor/supervisor";
import type { Tools } from "../toolchain/tools";
import type { ScalewayApi } from "./scaleway-api";
import { waitUntil } from "../wait-until";

/** Seconds for the API process to answer; it takes up what an earlier one left before it does. */
const HEALTH_SECONDS = 60;

/**
 * Starts the services that are there before any cluster is; the API declares those of a cluster by itself.
 * @throws Error naming the log to read where the API does not answer in time
 */
export async function bringUpServices(
  instance: Instance,
  tools: Tools,
  supervisor: Supervisor,
  api: ScalewayApi,
): Promise<void> {
  await supervisor.ensureRunning();
  const services = [
    objectStorageService(instance, tools),
    registryService(instance, tools),
    await scaleway(instance, tools),
  ];
  await Promise.all(services.map((service) => supervisor.declare(service)));
  if (!(await waitUntil(() => api.healthy(), HEALTH_SECONDS * 1000))) {
    throw new Error(
      `The Scaleway API did not answer on port ${instance.ports.api} within ${HEALTH_SECONDS} s: ${supervisor.logFile("scaleway")} says why.`,
    );
  }
}

/** The API, with the controllers that its clusters will run; each one file of plain JavaScript. */
async function scaleway(instance: Instance, tools: Tools): Promise<Service> {
  const [program, controllers] = await Promise.all(
    ["scaleway/main.ts", "kapsule/controllers/main.ts"].map((entry) =>
      bundle(join(__dirname, "..", entry), instance.cacheDir),
    ),
  );
  return scalewayService(instance, {
    tools,
    command: [process.execPath, program!],
    controllers: [process.execPath, controllers!],
  });
}
