import { rmSync } from "node:fs";
import { readInstance, stateDirectory } from "../instance";
import { releaseImageStorage } from "../images/local-images";
import { halt } from "../kapsule/halt";
import { Supervisor } from "../supervisor/supervisor";
import { Phases } from "./phases";
import { lockInstance } from "./start-lock";

/** Stops everything and deletes every datum of the local Scaleway; the cache of tools and images stays. */
export async function reset(): Promise<void> {
  const stateDir = stateDirectory();
  const instance = readInstance(stateDir);
  if (!instance) {
    console.log(`There is nothing to reset in ${stateDir}.`);
    return;
  }
  const unlock = lockInstance(stateDir, "npm run reset");
  await new Phases().run("Stopping", async () => {
    await halt(instance, new Supervisor(instance));
    await releaseImageStorage(instance.cacheDir);
  });
  rmSync(instance.runDir, { recursive: true, force: true });
  unlock();
  rmSync(stateDir, { recursive: true, force: true });
  console.log(`Deleted ${stateDir}. Built tools and images stay in ${instance.cacheDir}.`);
}
