import assert from "node:assert/strict";
import { createServer, type AddressInfo } from "node:net";
import { once } from "node:events";
import { unreachableRegistries } from "../../local/toolchain/registries";

describe("Registries", () => {
  const given = process.env["PIP_INDEX_URL"];
  afterEach(() => {
    if (given === undefined) delete process.env["PIP_INDEX_URL"];
    else process.env["PIP_INDEX_URL"] = given;
  });

  it("are not asked for what is not fetched", async () => {
    assert.deepEqual(await unreachableRegistries({ debian: false, python: false }), []);
  });

  it("are named with the reason where they do not answer, and not where they do", async () => {
    const server = createServer().listen(0, "127.0.0.1");
    await once(server, "listening");
    process.env["PIP_INDEX_URL"] = `http://127.0.0.1:${(server.address() as AddressInfo).port}/simple`;
    assert.deepEqual(await unreachableRegistries({ debian: false, python: true }), []);

    server.close();
    await once(server, "close");
    const [reason = ""] = await unreachableRegistries({ debian: false, python: true });
    assert.match(reason, /^Python packages \(127\.0\.0\.1: connect ECONNREFUSED/);
  });
});
