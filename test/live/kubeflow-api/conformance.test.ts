import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { join } from "node:path";
import { KFP_REQUIREMENTS, pythonEnvironment } from "../../support/python-environment";
import { ApiBackend } from "./support/api-backend";

describe("The real kfp.Client on the pipelines API", () => {
  let backend: ApiBackend;

  before(async () => {
    backend = await ApiBackend.start();
  });
  after(() => backend.stop());

  it("passes every call that it has", async () => {
    const { code, output } = await python(join(__dirname, "conformance.py"), backend);

    const [, passed, all] = /kfp\.Client: (\d+) of (\d+) calls pass/.exec(output) ?? [];
    if (code !== 0) console.log(output);
    else console.log(`      kfp.Client: ${passed} of ${all} calls pass`);
    assert.equal(code, 0);
    assert.equal(passed, all);
    // The methods of the pinned client: none can be left out unseen.
    assert.match(output, /^(\d+) public methods of the client, \1 called$/m);
    assert.doesNotMatch(output, /^FAILED/m);
  });
});

function python(script: string, { url, directory }: ApiBackend): Promise<{ code: number; output: string }> {
  // The client keeps its context below the home directory.
  const env = { ...process.env, HOME: directory, PYTHONDONTWRITEBYTECODE: "1", PYTHONUNBUFFERED: "1" };
  return new Promise((done) => {
    const child = execFile(
      pythonEnvironment(KFP_REQUIREMENTS),
      [script, url],
      { env, maxBuffer: 16 * 1024 * 1024 },
      (_error, stdout, stderr) => done({ code: child.exitCode ?? 1, output: `${stdout}\n${stderr}` }),
    );
  });
}
