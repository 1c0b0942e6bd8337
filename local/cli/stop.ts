import { existingInstance } from "../instance";
import { releaseImageStorage } from "../images/local-images";
import { halt } from "../kapsule/halt";
import { Supervisor } from "../supervisor/supervisor";
import { Phases } from "./phases";
import { lockInstance } from "./start-lock";

/** Ends every process and takes away mounts, interfaces, cgroups and packet rules; data stay for the next start. */
export async function stop(): Promise<void> {
  const instance = existingInstance();
  lockInstance(instance.stateDir, "npm stop");
  const supervisor = new Supervisor(instance);
  await new Phases().run("Stopping", async () => {
    await halt(instance, supervisor);
    await releaseImageStorage(instance.cacheDir);
  });
  console.log(`Nothing of it runs any more. Data are kept in ${instance.stateDir}; npm start goes on from there.`);
}
