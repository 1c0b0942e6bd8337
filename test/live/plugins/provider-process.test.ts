import assert from "node:assert/strict";
import { execSync } from "node:child_process";
import { chmodSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startProvider, type ProviderProcess } from "../../../local/plugins/scaleway/process";
import { properties, readSchema } from "../../../local/plugins/scaleway/schema";
import { providerName } from "../../../local/plugins/scaleway/tokens";
import { installedTools } from "../../../local/toolchain/ensure-tools";
import { TestScaleway } from "../../scaleway/support";
import { ProgramStack } from "./support/stack";

const TYPINGS = dirname(require.resolve("@pulumiverse/scaleway/package.json"));

/** Fields that the official plugin names by hand; no part of the platform uses these resources. */
const NAMED_BY_HAND: Readonly<Record<string, string>> = {
  "scaleway:containers/container:Container": "healthChecks",
  "scaleway:containers/token:Token": "value",
  "scaleway:functions/token:Token": "value",
};

/** Resource tokens of the npm package, deprecated aliases left out, each with the fields of its class. */
function typings(): ReadonlyMap<string, readonly string[]> {
  const found = execSync("grep -rhoE \"__pulumiType = 'scaleway:[^']+'\" --include=*.js .", {
    cwd: TYPINGS,
    encoding: "utf8",
  });
  const tokens = [...found.matchAll(/'(scaleway:[^']+)'/g)].map((match) => match[1]!);
  const current = tokens.filter((token) => !token.startsWith("scaleway:index/") || token.includes("FileFilesystem"));
  return new Map(current.map((token) => [token, fieldsOf(token)]));
}

function fieldsOf(token: string): string[] {
  const [, module, name] = /^scaleway:(\w+)\/(\w+):/.exec(token)!;
  const file = join(TYPINGS, module === "index" ? "" : module!, `${name}.d.ts`);
  const body = /class \w+ extends pulumi\.CustomResource \{([\s\S]*?)\n\}/.exec(readFileSync(file, "utf8"))![1]!;
  return [...body.matchAll(/^ {4}readonly (\w+): pulumi/gm)].map((match) => match[1]!).sort();
}

describe("The real provider's process", function () {
  this.timeout(120_000);

  describe("running", () => {
    let provider: ProviderProcess;

    before(async () => {
      provider = await startProvider(installedTools()["terraform-provider-scaleway"], {});
    });

    after(() => provider.close());

    it("has, by our rules, exactly the resources and fields of the npm package", async () => {
      const { resource_schemas: schemas } = await provider.call("GetProviderSchema", {});
      const expected = typings();

      assert.ok(expected.size >= 150, `only ${expected.size} resources found in ${TYPINGS}`);
      for (const [token, fields] of expected) {
        const schema = schemas[providerName(token) ?? ""];
        assert.ok(schema, `the provider has no ${providerName(token)} for ${token}`);
        const ours = properties(readSchema(schema).type).map(({ property }) => property);
        const missing = fields.filter((field) => !ours.includes(field));
        assert.deepEqual(missing, NAMED_BY_HAND[token] ? [NAMED_BY_HAND[token]] : [], token);
        assert.equal(ours.length, fields.length, token);
      }
    });

    it("refuses a value of the wrong shape in words, not by falling over", async () => {
      const malformed = { msgpack: Buffer.from([0xc3]) };
      const request = {
        type_name: "scaleway_vpc",
        config: malformed,
        client_capabilities: { write_only_attributes_allowed: true },
      };

      await assert.doesNotReject(provider.call("GetProviderSchema", {}));
      const answer = await provider.call("ValidateResourceConfig", request).catch((error: Error) => error);
      assert.ok(answer instanceof Error || answer.diagnostics.length > 0);
    });
  });

  it("that is not there is named together with the remedy", async () => {
    await assert.rejects(
      startProvider("/nonexistent/provider", {}),
      /no terraform-provider-scaleway at \/nonexistent\/provider.*TERRAFORM_PROVIDER_SCALEWAY/,
    );
  });

  describe("killed in the middle of a creation", () => {
    let scaleway: TestScaleway;
    let stack: ProgramStack;

    before(async () => {
      scaleway = await TestScaleway.start();
      stack = new ProgramStack(scaleway.instance);
      await stack.create();
    });

    after(() => scaleway.stop());

    it("is reported as what it is, and the next run goes on", async () => {
      const wrapper = join(stack.folder, "provider");
      const pidFile = `${wrapper}.pid`;
      const binary = installedTools()["terraform-provider-scaleway"];
      writeFileSync(wrapper, `#!/bin/sh\necho $$ > ${pidFile}\nexec ${binary}\n`);
      chmodSync(wrapper, 0o755);
      stack.program(`new scaleway.registry.Namespace("registry", { region: "fr-par" });`);
      await scaleway.post("/_local/faults", { operation: "*", count: 1, delayMilliseconds: 120_000 });

      const running = stack.run(["up", "--yes", "--skip-preview"], { TERRAFORM_PROVIDER_SCALEWAY: wrapper });
      await scaleway.until("/_local/faults", ({ body }) =>
        (body["faults"] as { seen: number }[]).some(({ seen }) => seen > 0),
      );
      assert.ok(existsSync(pidFile));
      process.kill(Number(readFileSync(pidFile, "utf8")), "SIGKILL");
      const { exitCode, output } = await running;

      assert.notEqual(exitCode, 0);
      assert.match(output, /terraform-provider-scaleway was ended by SIGKILL/);
      await scaleway.delete("/_local/faults");
      assert.match(await stack.up(), /\+ 1 created/);
    });
  });
});
