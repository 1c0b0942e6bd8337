import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestScaleway } from "../../scaleway/support";
import { ProgramStack } from "./support/stack";

/** A resource that is a file: its name is replaced, its text is changed in place. */
const program = (name: string, text: string) => `
  const provider = {
    diff: async (_id, olds, news) => ({
      changes: olds.name !== news.name || olds.text !== news.text,
      replaces: olds.name === news.name ? [] : ["name"],
    }),
    async create({ name, text, token }) {
      if (name === "refused") throw new Error("the name refused is taken");
      console.log("making " + name);
      require("fs").writeFileSync("made/" + name, text);
      return { id: name, outs: { name, text, token, length: text.length } };
    },
    async read(id, props) {
      const { existsSync, readFileSync } = require("fs");
      if (!existsSync("made/" + id)) return {};
      const text = readFileSync("made/" + id, "utf8");
      return { id, props: { ...props, text, length: text.length } };
    },
    async update(id, olds, news) {
      console.log("changing " + id);
      require("fs").writeFileSync("made/" + id, news.text);
      return { outs: { ...news, length: news.text.length } };
    },
    async delete(id) {
      console.log("removing " + id);
      require("fs").rmSync("made/" + id);
    },
  };
  class File extends pulumi.dynamic.Resource {
    declare readonly length: pulumi.Output<number>;
    constructor(name: string, props: pulumi.Inputs) {
      super(provider, name, { length: undefined, ...props }, {}, "test", "File");
    }
  }
  require("fs").mkdirSync("made", { recursive: true });
  const token = new pulumi.Config().requireSecret("token");
  export const length = new File("file", { name: "${name}", text: "${text}", token }).length;
`;

describe("The engine with dynamic resources", function () {
  this.timeout(120_000);
  let scaleway: TestScaleway;
  let stack: ProgramStack;

  const files = () => readdirSync(join(stack.folder, "made"));
  const file = (name: string) => join(stack.folder, "made", name);
  const length = async () => (await stack.pulumi("stack", "output", "length")).trim();

  before(async () => {
    scaleway = await TestScaleway.start();
    stack = new ProgramStack(scaleway.instance);
    await stack.create();
    await stack.pulumi("config", "set", "--secret", "token", "configured-secret-text");
  });

  after(() => scaleway.stop());

  it("previews without making anything", async () => {
    stack.program(program("green", "leaf"));

    const shown = await stack.pulumi("preview");

    assert.match(shown, /pulumi-nodejs:dynamic\/test:File file create/);
    assert.deepEqual(files(), []);
  });

  it("makes a resource, and shows what its provider prints", async () => {
    const shown = await stack.up();

    assert.match(shown, /making green/);
    assert.equal(readFileSync(file("green"), "utf8"), "leaf");
    assert.equal(await length(), "4");
    await stack.up("--expect-no-changes");
  });

  it("keeps secret inputs encrypted", () => {
    assert.ok(stack.state().includes("pulumi-nodejs:dynamic/test:File"));
    assert.ok(!stack.state().includes("configured-secret-text"));
  });

  it("changes in place, and replaces", async () => {
    stack.program(program("green", "leaves"));
    const changed = await stack.up();
    stack.program(program("red", "leaves"));
    const replaced = await stack.up();

    assert.match(changed, /changing green/);
    assert.match(replaced, /making red/);
    assert.match(replaced, /removing green/);
    assert.deepEqual(files(), ["red"]);
  });

  it("finds by a refresh what was changed and deleted by hand", async () => {
    writeFileSync(file("red"), "leaf");
    const refreshed = await stack.pulumi("refresh", "--yes", "--skip-preview", "--diff");
    const repaired = await stack.up();
    rmSync(file("red"));
    await stack.pulumi("refresh", "--yes", "--skip-preview");

    assert.match(refreshed, /text\s*: "leaves" => "leaf"/);
    assert.match(repaired, /changing red/);
    assert.match(await stack.up(), /making red/);
  });

  it("shows the error of a provider, and keeps what was there", async () => {
    stack.program(program("refused", "leaves"));

    const { exitCode, output } = await stack.run(["up", "--yes", "--skip-preview"]);

    assert.notEqual(exitCode, 0);
    assert.match(output, /the name refused is taken/);
    assert.deepEqual(files(), ["red"]);
  });

  it("removes everything without the program", async () => {
    stack.program(`throw new Error("not needed");`);

    await stack.pulumi("destroy", "--yes", "--skip-preview");

    assert.ok(existsSync(join(stack.folder, "made")));
    assert.deepEqual(files(), []);
  });
});
