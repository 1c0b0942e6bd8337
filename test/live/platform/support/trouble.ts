import assert from "node:assert/strict";
import { createServer, type Server } from "node:net";
import type { Instance } from "../../../../local/instance";
import { Supervisor } from "../../../../local/supervisor/supervisor";

/** Another program on a port of the stack's. */
export function occupy(port: number): Promise<Server> {
  const server = createServer();
  return new Promise((done, fail) => {
    server.once("error", fail);
    server.listen(port, "127.0.0.1", () => done(server));
  });
}

/** Ends a service of the stack as a crash does. */
export async function kill(name: RegExp, instance: Instance): Promise<void> {
  const service = (await new Supervisor(instance).status()).find((candidate) => name.test(candidate.name));
  assert.ok(service?.pid, `no service ${name} is up`);
  process.kill(service.pid, "SIGKILL");
}
