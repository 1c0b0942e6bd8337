import assert from "node:assert/strict";
import { aptSettings, mirrorOf, pipSettings } from "../../local/images/host-settings";
import { imagesProgram } from "../../images/main";

describe("Host settings for image builds", () => {
  it("take the mirror of the Debian release itself", () => {
    const targets = [
      "https://tools.example/apt stable extra",
      "https://mirror.example/debian-security/ bookworm-security main",
      "https://mirror.example/debian/ bookworm main",
    ].join("\n");

    assert.equal(mirrorOf(targets), "https://mirror.example/debian/");
    assert.equal(mirrorOf(""), undefined);
  });

  it("hand on how apt fetches, and nothing else", () => {
    const dump = 'Acquire::http::Proxy "http://proxy.example";\nAcquire::https "";\nDPkg::Post-Invoke:: "rm x";\n';

    assert.equal(aptSettings(dump), 'Acquire::http::Proxy "http://proxy.example";\n');
  });

  it("hand on pip's registry, the environment before the file", () => {
    const file = "[global]\nindex-url = https://a.example\nproxy = http://p.example\nuser = true\n";
    const lines = pipSettings({ PIP_INDEX_URL: "https://b.example", PIP_USER: "1" }, file).split("\n");

    assert.ok(lines.includes("index-url = https://b.example"));
    assert.ok(lines.includes("proxy = http://p.example"));
    assert.ok(!lines.some((line) => line.startsWith("user")));
  });
});

describe("Images command", () => {
  const run = (...args: string[]) => imagesProgram().parseAsync(args, { from: "user" });

  it("refuses an image that does not exist, naming those that do", async () => {
    await assert.rejects(run("build", "books-tpu"), /no image "books-tpu"; there are books-fetch, books-cpu/);
  });

  it("refuses a registry without a namespace", async () => {
    const key = process.env["SCW_SECRET_KEY"];
    process.env["SCW_SECRET_KEY"] = "key";
    try {
      await assert.rejects(run("push", "--registry", "rg.example"), /--registry is "rg.example": give the endpoint/);
    } finally {
      if (key === undefined) delete process.env["SCW_SECRET_KEY"];
      else process.env["SCW_SECRET_KEY"] = key;
    }
  });
});
