import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { build } from "esbuild";
import { waitFor } from "../../local/kapsule/waiting";
import { buildPage } from "../../local/kubeflow/page/build";

/** A cluster at a port where nobody listens. */
const KUBECONFIG = {
  "current-context": "none",
  contexts: [{ name: "none", context: { cluster: "none", user: "none" } }],
  clusters: [{ name: "none", cluster: { server: "https://127.0.0.1:1" } }],
  users: [{ name: "none", user: { token: "none" } }],
};

describe("The pipelines backend as one file", function () {
  this.timeout(60_000);
  const folder = mkdtempSync(join(tmpdir(), "backend-"));
  const environment = {
    NAMESPACE: "recommenders",
    KUBECONFIG: join(folder, "kubeconfig"),
    HOST: "127.0.0.1",
    PORT: "0",
    STATE_DIRECTORY: join(folder, "state"),
    SHARED_DIRECTORY: join(folder, "shared"),
    SHARED_CLAIM: "nfs",
    PIPELINE_ROOT: "s3://artifacts/runs",
    AWS_REGION: "local",
    AWS_ACCESS_KEY_ID: "key",
    AWS_SECRET_ACCESS_KEY: "secret",
    PAGE_DIRECTORY: join(folder, "page"),
  };
  const children: ChildProcess[] = [];

  /** Nothing of the environment of the tests, and nothing of the source tree. */
  function start(env: NodeJS.ProcessEnv) {
    const child = spawn(process.execPath, [join(folder, "backend.js")], { cwd: folder, env, stdio: "pipe" });
    children.push(child);
    const said = { text: "" };
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (said.text += text));
    const ended = once(child, "close").then(([code]: unknown[]) => code as number);
    return { child, said, ended };
  }

  before(async () => {
    mkdirSync(join(folder, "shared"));
    writeFileSync(environment.KUBECONFIG, JSON.stringify(KUBECONFIG));
    await Promise.all([
      build({
        entryPoints: [join(__dirname, "../../local/kubeflow/main.ts")],
        outfile: join(folder, "backend.js"),
        bundle: true,
        platform: "node",
        target: "node20",
        logLevel: "error",
      }),
      buildPage(environment.PAGE_DIRECTORY),
    ]);
    const native = dirname(require.resolve(`@lmdb/lmdb-${process.platform}-${process.arch}`));
    mkdirSync(join(folder, "build/Release"), { recursive: true });
    cpSync(join(native, "node.napi.glibc.node"), join(folder, "build/Release/lmdb.node"));
  });
  after(() => {
    for (const child of children) child.kill("SIGKILL");
    rmSync(folder, { recursive: true, force: true });
  });

  it("names all that it has to be told", async () => {
    const { said, ended } = start({});

    assert.equal(await ended, 1);
    for (const name of [
      "NAMESPACE",
      "STATE_DIRECTORY",
      "SHARED_DIRECTORY",
      "SHARED_CLAIM",
      "PIPELINE_ROOT",
      "AWS_REGION",
    ])
      assert.match(said.text, new RegExp(`${name} is not set: give `));
  });

  for (const [name, sentence] of [
    ["PAGE_DIRECTORY", /PAGE_DIRECTORY is "\/nowhere": .*no such file/],
    ["KUBECONFIG", /The kubeconfig file cannot be read \(.*'\/nowhere'\)/],
  ] as const)
    it(`does not start with a ${name} that is not there`, async () => {
      const { said, ended } = start({ ...environment, [name]: "/nowhere" });

      assert.equal(await ended, 1);
      assert.match(said.text, sentence);
    });

  it("serves page and runs while the cluster does not answer, says so, and ends on request", async () => {
    const { child, said, ended } = start(environment);
    const address = await waitFor(
      () => Promise.resolve(/serves namespace recommenders at (\S+)/.exec(said.text)?.[1]),
      {
        subject: "The backend did not listen",
        timeoutMs: 30_000,
        remedy: "Start it by hand with the environment of this test.",
      },
    );
    const get = (path: string) => fetch(`${address}${path}`);
    const [page, script, runs, pipelines] = await Promise.all(
      ["/", "/page.js", "/apis/v2beta1/runs", "/apis/v2beta1/pipelines"].map(get),
    );

    assert.match((await page?.text()) ?? "", /<title>Pipelines<\/title>/);
    assert.match(script?.headers.get("content-type") ?? "", /javascript/);
    assert.deepEqual(await runs?.json(), {});
    assert.equal(pipelines?.status, 503);
    assert.match((await pipelines?.text()) ?? "", /The cluster's API server does not answer/);
    assert.match(said.text, /connect ECONNREFUSED 127\.0\.0\.1:1/);
    child.kill("SIGTERM");
    assert.equal(await ended, 0);
  });
});
