import assert from "node:assert/strict";
import { TestScaleway } from "../../scaleway/support";
import { ProgramStack } from "./support/stack";

const program = (length: number) => `
  const token = new pulumi.Config().requireSecret("token");
  const password = new random.RandomPassword("password", { length: ${length}, special: false, minNumeric: 2, keepers: { token } });
  export const result = password.result;
  export const hex = new random.RandomId("id", { byteLength: 4, prefix: "p-" }).hex;
  export const uuid = new random.RandomUuid("uuid").result;
  export const text = new random.RandomString("string", { length: 6, upper: false, special: false, numeric: false }).result;
  console.log("said by the program");
`;

describe("The engine with the language host and the random plugin", function () {
  this.timeout(120_000);
  let scaleway: TestScaleway;
  let stack: ProgramStack;

  const output = async (name: string) => (await stack.pulumi("stack", "output", name, "--show-secrets")).trim();

  before(async () => {
    scaleway = await TestScaleway.start();
    stack = new ProgramStack(scaleway.instance);
    await stack.create();
    await stack.pulumi("config", "set", "--secret", "token", "configured-secret-text");
  });

  after(() => scaleway.stop());

  it("makes values of the wanted form and shows what the program prints", async () => {
    stack.program(program(20));

    const shown = await stack.up();

    assert.match(shown, /said by the program/);
    assert.match(await output("result"), /^(?=(.*\d){2})[A-Za-z0-9]{20}$/);
    assert.match(await output("hex"), /^p-[0-9a-f]{8}$/);
    assert.match(await output("uuid"), /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.match(await output("text"), /^[a-z]{6}$/);
  });

  it("keeps passwords and secret configuration encrypted", async () => {
    const password = await output("result");

    for (const text of [password, "configured-secret-text"]) assert.ok(!stack.state().includes(text));
  });

  it("keeps values until an input changes", async () => {
    const [password, uuid] = [await output("result"), await output("uuid")];
    await stack.up("--expect-no-changes");
    stack.program(program(24));

    await stack.up();

    assert.notEqual(await output("result"), password);
    assert.equal(await output("uuid"), uuid);
  });

  it("shows a RunError as its sentence and another error with its place", async () => {
    stack.program(`throw new pulumi.RunError("a plain sentence");`);
    const plain = await stack.run(["preview"]);
    stack.program(`const nothing: { x: { y: number } } = JSON.parse("{}");\nnothing.x.y;`);
    const crash = await stack.run(["preview"]);

    assert.notEqual(plain.exitCode, 0);
    assert.match(plain.output, /error: a plain sentence\n/);
    assert.doesNotMatch(plain.output, /index\.ts/);
    assert.notEqual(crash.exitCode, 0);
    assert.match(crash.output, /index\.ts/);
  });

  it("refuses impossible values before anything is made", async () => {
    stack.program(`new random.RandomPassword("impossible", { length: 2, minLower: 3 });`);

    const { exitCode, output: shown } = await stack.run(["preview"]);

    assert.notEqual(exitCode, 0);
    assert.match(shown, /length 2 is below the sum 3/);
  });
});
