import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { imageLabels, type Registry } from "../../../images/registry";
import { imageTag } from "../../../images/tags";
import { LOCAL_IMAGES, pushLocalImages } from "../../../local/images/local-images";
import { mountsBelow } from "../../../local/kapsule/mounts";
import { cacheDirectory, freePorts } from "../../../local/instance";
import { waitUntil } from "../../../local/wait-until";
import { ensureTools, installedTools } from "../../../local/toolchain/ensure-tools";

describe("Images on this machine", function () {
  this.timeout("30m");
  let folder: string;
  let stop: () => Promise<void>;
  let registry: Registry;
  let port: number;
  const lines: string[] = [];
  const push = () => {
    const account = { organizationId: "", projectId: "", accessKey: "", secretKey: "key", serviceToken: "" };
    const ports = { api: 0, proxy: 0, registry: port, registryBackend: 0, objectStorageBackend: 0 };
    const instance = { cacheDir: cacheDirectory(), account, ports };
    return pushLocalImages(instance, installedTools().buildah, "recommender", (line) => lines.push(line));
  };

  before("starts a registry of its own", async () => {
    await ensureTools((line) => console.log(`      ${line}`));
    folder = mkdtempSync(join(tmpdir(), "registry-"));
    [port = 0] = await freePorts(1);
    const configuration = {
      version: "0.1",
      log: { level: "error", accesslog: { disabled: true } },
      storage: { filesystem: { rootdirectory: folder } },
      http: { addr: `127.0.0.1:${port}` },
    };
    writeFileSync(join(folder, "config.json"), JSON.stringify(configuration));
    const env = { PATH: "/usr/bin", OTEL_TRACES_EXPORTER: "none" };
    const child = spawn(installedTools().registry, ["serve", join(folder, "config.json")], { env, stdio: "ignore" });
    stop = async () => {
      child.kill();
      if (child.exitCode === null) await once(child, "exit");
    };
    registry = { host: `127.0.0.1:${port}`, namespace: "recommender", user: "nologin", password: "key", tls: false };
    const answers = () =>
      fetch(`http://127.0.0.1:${port}/v2/`).then(
        ({ ok }) => ok,
        () => false,
      );
    assert.ok(await waitUntil(answers, 20_000), "the registry answers");
    await push();
  });

  after(async () => {
    await stop();
    rmSync(folder, { recursive: true });
  });

  for (const image of LOCAL_IMAGES) {
    it(`finds ${image} in the registry under its content tag`, async () => {
      assert.ok((await imageLabels(registry, image, imageTag(image)))?.["recommender.variant"]);
    });
  }

  it("neither builds nor pushes what is there", async () => {
    lines.length = 0;
    await push();

    assert.deepEqual(lines, []);
  });

  it("leaves nothing mounted", () => {
    assert.deepEqual(mountsBelow(join(cacheDirectory(), "images")), []);
  });
});
