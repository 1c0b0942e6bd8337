import { strict as assert } from "node:assert";
import type { Browser } from "puppeteer-core";
import type { PipelineVersionReference as Version, Run } from "../../../local/kubeflow/model";
import { openBrowser, Reader } from "./support/browser";
import { malicious, MALICIOUS, training } from "./support/pipelines";
import { Theatre } from "./support/theatre";

describe("The runs page in Chromium", function () {
  this.timeout(300_000);
  let theatre: Theatre;
  let browser: Browser;
  let reader: Reader;
  let address: string;
  let pipeline: Version;
  let attack: Version;
  let good: Run;
  let bad: Run;

  before(async () => {
    theatre = new Theatre();
    [browser, address] = await Promise.all([openBrowser(), theatre.open()]);
    pipeline = await theatre.pipeline(training);
    attack = await theatre.pipeline(malicious);
    good = await theatre.finished((await theatre.start(pipeline, { name: "first training" })).id);
    theatre.steps.failing.add("train");
    const nightly = await theatre.experiment("nightly");
    const parameters = { ranks: [5, 6], note: MALICIOUS };
    const wish = { name: "too much memory", parameters, experimentId: nightly };
    bad = await theatre.finished((await theatre.start(pipeline, wish)).id);
    theatre.steps.failing.clear();
    await theatre.recurring("every hour", pipeline);
  });

  after(async () => {
    await browser?.close();
    await theatre.close();
  });

  beforeEach(async () => {
    reader = await Reader.at(browser, address);
  });

  afterEach(async () => {
    const { faults } = reader;
    await reader.page.close();
    assert.deepEqual(faults, []);
  });

  describe("with its list of runs", () => {
    it("shows the newest first, with state, experiment, pipeline and how long it took", async () => {
      await reader.open("");
      await reader.sees(/too much memory\s+✕ Failed\s+nightly\s+Training\s+\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\s+\d+ s/);

      const text = await reader.text();
      assert.match(text, /first training\s+✓ Succeeded\s+Default\s+Training/);
      assert.ok(text.indexOf("too much memory") < text.indexOf("first training"));
      assert.equal(await reader.page.title(), "Runs · Pipelines");
    });

    it("filters by state, by experiment and by pipeline", async () => {
      await reader.open("#/runs");
      await reader.sees("2 runs");
      await reader.page.select("::-p-aria(State)", "SUCCEEDED");
      await reader.sees("1 run\n");
      assert.ok(!(await reader.text()).includes("too much memory"));

      await reader.open("#/runs?state=FAILED");
      await reader.sees("too much memory");
      await reader.page.select("::-p-aria(Pipeline)", attack.pipelineId);
      await reader.sees("No run fits");

      await reader.open("#/runs");
      await reader.sees("2 runs");
      await reader.page.select("::-p-aria(Experiment)", bad.experimentId);
      await reader.sees("1 run\n");
      assert.ok(!(await reader.text()).includes("first training"));
    });

    it("asks before it archives, and restores", async () => {
      await reader.open("#/runs");
      await reader.press("button", "Archive first training");
      await reader.finds("dialog", "Archive first training?");
      await reader.key("Escape");
      await reader.until("no dialog", async () => (await reader.names("dialog")).length === 0);
      assert.equal(theatre.run(good.id).storageState, "AVAILABLE");

      await reader.press("button", "Archive first training");
      await reader.press("button", "Archive");
      await reader.sees("1 run\n");
      assert.equal(theatre.run(good.id).storageState, "ARCHIVED");

      await reader.press("checkbox", "Archived");
      await reader.press("button", "Restore first training");
      await reader.press("button", "Restore");
      await reader.sees("0 runs");
      assert.equal(theatre.run(good.id).storageState, "AVAILABLE");
    });

    it("sets two runs side by side", async () => {
      await reader.open("#/runs");
      await reader.press("checkbox", "Compare first training");
      await reader.press("checkbox", "Compare too much memory");
      await reader.press("button", "Compare two runs");
      await reader.sees("Compare two runs");

      await reader.sees(/threshold\s+1\s+1/);
      await reader.sees(/ranks\s+\[4,8,16\]\s+\[5,6\]/);
      await reader.sees(/exit-handler-1\/for-loop-1\/1\/train\/metrics: rmse\s+0\.86\s+–/);
      await reader.sees(/exit-handler-1\/evaluate: rmse\s+0\.75\s+0\.75\s+0/);
      await reader.press("checkbox", "Only what differs");
      await reader.until("no equal values", async () => !(await reader.text()).includes("threshold"));
      assert.match(await reader.text(), /ranks\s+\[4,8,16\]\s+\[5,6\]/);
    });
  });

  describe("with a run", () => {
    it("draws its graph, with groups, conditions and what came from the cache", async () => {
      await reader.open(`#/runs/${bad.id}`);
      await reader.finds("link", "download, Succeeded, cached");

      const links = await reader.names("link");
      for (const name of [
        "exit-handler-1, Failed, group",
        "evaluate, Succeeded",
        "for-loop-1, Failed, iteration 1 of 2, 0 succeeded, group",
        "train, Failed",
        "notify, Succeeded, always runs",
        "condition-1, Skipped, if evaluate.rmse < threshold, group",
      ])
        assert.ok(links.includes(name), `${name} is not among ${links.join("; ")}`);
      await reader.sees(/Failed\s+\d of \d steps finished, 2 failed, 1 cached/);
    });

    it("says why it failed, and which attempt ended how", async () => {
      const train = theatre.taskId(bad.id, "exit-handler-1/for-loop-1/1/train");
      await reader.open(`#/runs/${bad.id}/tasks/${train}`);
      await reader.sees("train used more memory than its limit of 2Gi.");

      await reader.sees(/137\s+OOMKilled: train used more memory/);
      await reader.sees(/rank\s+6/);
      await reader.finds("link", "for-loop-1, Failed, iteration 2 of 2, 0 succeeded, group");
      await reader.sees("MemoryError: too many ratings");
    });

    it("shows metrics, matrices, outputs and artifacts of a step", async () => {
      const evaluate = theatre.taskId(good.id, "exit-handler-1/evaluate");
      await reader.open(`#/runs/${good.id}/tasks/${evaluate}`);

      await reader.sees(/disliked\s+4\s+11/);
      await reader.sees(/rmse\s+0\.75/);
      await reader.sees(/report\s+s3:\/\/\S+\s+HTML/);
      await reader.press("button", "Preview data");
      await reader.sees("user,book,rating");
      await reader.press("button", "Preview notes");
      await reader.finds("heading", "Query times");
      await reader.sees(/scikit\s+1\.9 ms/);
    });

    it("sums up where it comes from, what it was told and what it measured", async () => {
      await reader.open(`#/runs/${bad.id}`);
      await reader.sees(/Pipeline\s+training-[0-9a-f]{10}\s+Experiment\s+nightly/);
      await reader.sees(/exit-handler-1\/evaluate: rmse\s+0\.75/);
      await reader.sees(/ranks\s+\[5,6\]\s+threshold\s+1 default/);
      await reader.sees(/evaluate\s+Succeeded\s+\d+ s/);
    });

    it("shows the files of a directory", async () => {
      const train = theatre.taskId(good.id, "exit-handler-1/for-loop-1/2/train");
      await reader.open(`#/runs/${good.id}/tasks/${train}`);
      await reader.sees(/rank\s+16/);
      await reader.press("button", "Preview model");
      await reader.sees(/weights\.txt\s+9 B/);
      await reader.press("button", "Show weights.txt");
      await reader.sees("0.5 0.25");
    });

    it("downloads artifacts as files, never as pages", async () => {
      const evaluate = theatre.taskId(good.id, "exit-handler-1/evaluate");
      await reader.open(`#/runs/${good.id}/tasks/${evaluate}`);
      await reader.finds("link", "Download report");
      const link = await reader.evaluate<string>(`document.querySelector('[aria-label="Download report"]').href`);

      const answer = await fetch(link);
      assert.match(answer.headers.get("content-disposition") ?? "", /^attachment/);
      assert.match(await answer.text(), /<h1>Report<\/h1>/);
    });

    it("terminates it on request", async () => {
      const release = theatre.steps.hold("evaluate");
      const run = await theatre.start(pipeline, { name: "to be ended" });
      await reader.open(`#/runs/${run.id}`);
      await reader.finds("link", "evaluate, Running");
      await reader.press("button", "Terminate to be ended");
      await reader.press("button", "Terminate");

      await reader.finds("button", "Retry to be ended");
      release();
      assert.equal(theatre.run(run.id).state, "FAILED");
    });
  });

  describe("with a run under way", () => {
    it("follows states and log until it fails, keeps both, and retries", async () => {
      const release = theatre.steps.hold("evaluate");
      const run = await theatre.start(pipeline, { name: "second training" });
      await reader.open(`#/runs/${run.id}`);
      await reader.sees("Running");
      await reader.press("link", "evaluate, Running");
      await reader.sees("evaluate begins");
      assert.ok(!(await reader.text()).includes("evaluate goes on"));

      theatre.steps.failing.add("evaluate");
      release();
      await reader.sees("MemoryError: too many ratings");
      await reader.finds("link", "evaluate, Failed");
      await reader.finds("link", "notify, Succeeded, always runs");
      await reader.sees(/Task "evaluate" failed: evaluate used more memory than its limit of 2Gi/);

      theatre.steps.failing.clear();
      await reader.press("button", "Retry second training");
      await reader.press("button", "Retry");
      await reader.finds("link", "evaluate, Succeeded");
      await reader.sees("evaluate is done");
    });

    it("asks again only while something can change and the page is seen", async () => {
      const release = theatre.steps.hold("evaluate");
      const run = await theatre.start(pipeline, { name: "slow" });
      const polls = (path: string) => reader.requests.filter((each) => each === `/apis/v2beta1/runs/${path}`).length;
      const other = await Reader.at(await browser.createBrowserContext(), address);
      await other.open(`#/runs/${good.id}`);
      await other.sees("first training");
      await reader.open(`#/runs/${run.id}`);
      await reader.until("three looks", () => Promise.resolve(polls(run.id) >= 3));
      assert.equal(other.requests.filter((each) => each === `/apis/v2beta1/runs/${good.id}`).length, 1);

      const hide = (hidden: boolean) =>
        reader.evaluate(
          `Object.defineProperty(document, "hidden", { value: ${hidden}, configurable: true }); document.dispatchEvent(new Event("visibilitychange"))`,
        );
      await hide(true);
      // The look that was under way, or planned, when the page was hidden.
      const before = polls(run.id) + 1;
      await other.open(`#/runs/${run.id}`);
      await other.until("three looks", () =>
        Promise.resolve(other.requests.filter((each) => each.endsWith(run.id)).length >= 3),
      );
      assert.ok(polls(run.id) <= before);

      release();
      await theatre.finished(run.id);
      await hide(false);
      await reader.sees("✓ Succeeded");
      await other.page.close();
    });
  });

  describe("with pipelines and schedules", () => {
    it("shows versions, their graph and parameters", async () => {
      await reader.open("#/pipelines");
      await reader.press("link", "Training");
      await reader.sees(`Version ${training.name}-${training.digest.slice(0, 10)}`);

      await reader.sees(/threshold\s+double\s+1/);
      await reader.finds("group", `Graph of ${training.name}-${training.digest.slice(0, 10)}`);
      await reader.press("link", "Runs of this pipeline");
      await reader.sees("first training");
    });

    it("disables and enables a recurring run", async () => {
      await reader.open("#/recurring");
      await reader.sees(/every hour\s+Enabled\s+every 1 h\s+Training/);
      await reader.press("button", "Disable every hour");
      await reader.press("button", "Disable");
      await reader.sees(/every hour\s+Disabled/);
      await reader.press("button", "Enable every hour");
      await reader.press("button", "Enable");
      await reader.sees(/every hour\s+Enabled/);
    });
  });

  describe("with what is not to be trusted", () => {
    const unharmed = async (): Promise<void> => {
      assert.notEqual(await reader.page.title(), "broken");
      assert.deepEqual(await reader.evaluate<number>("document.querySelectorAll('main img, main script').length"), 0);
    };

    it("shows names, parameters and logs as they are", async () => {
      const run = await theatre.finished((await theatre.start(attack, { name: `run ${MALICIOUS}` })).id);
      await reader.open("#/runs");
      await reader.sees(`run ${MALICIOUS}`);
      await unharmed();

      await reader.open(`#/runs/${run.id}/tasks/${theatre.taskId(run.id, "download")}`);
      await reader.sees(`download begins\n${MALICIOUS}`);
      await reader.finds("heading", MALICIOUS);
      assert.ok((await reader.names("link")).includes(`${MALICIOUS}, Succeeded`));
      await unharmed();

      await reader.open(`#/pipelines/${attack.pipelineId}`);
      await reader.finds("heading", MALICIOUS);
      await unharmed();
      await reader.open(`#/runs/${bad.id}`);
      await reader.sees(MALICIOUS);
      await unharmed();
    });

    it("shows a step's HTML in a frame that can do nothing", async () => {
      await reader.open(`#/runs/${good.id}/tasks/${theatre.taskId(good.id, "exit-handler-1/evaluate")}`);
      await reader.press("button", "Preview report");
      const handle = await reader.page.waitForSelector("iframe[sandbox='']");
      const frame = await handle?.contentFrame();
      await frame?.waitForSelector("::-p-aria([role='heading'][name='Report'])");

      // The browser tells what it refused the document: its script, the script of its image, the image.
      await reader.until("a refusal", () => Promise.resolve(reader.faults.length > 0));
      for (const fault of reader.faults.splice(0)) assert.match(fault, /script|image|sandbox/i);
      await unharmed();
      const document = await fetch(
        new URL((await reader.evaluate<string>("document.querySelector('iframe').src")) ?? ""),
      );
      assert.match(document.headers.get("content-security-policy") ?? "", /^sandbox; default-src 'none'/);
    });

    it("lets no inline script run", async () => {
      await reader.open("#/runs");
      await reader.sees("Runs");
      await reader.evaluate(
        `{ const script = document.createElement("script"); script.textContent = "document.title = 'broken'"; document.head.append(script); }`,
      );

      await unharmed();
      await reader.until("a refusal", () => Promise.resolve(reader.faults.length > 0));
      assert.match(reader.faults.splice(0).join("\n"), /Content Security Policy/);
    });
  });

  describe("in trouble", () => {
    it("says what the API refused", async () => {
      await reader.open("#/runs/no-such-run");
      await reader.sees("Run no-such-run not found.");
      assert.match(reader.faults.splice(0).join(), /404/);

      await reader.open("#/nowhere");
      await reader.sees("This address leads nowhere.");
    });

    it("says that the backend is silent, keeps what it knows, and goes on when it answers", async () => {
      const release = theatre.steps.hold("evaluate");
      const run = await theatre.start(pipeline, { name: "cut off" });
      await reader.open(`#/runs/${run.id}`);
      await reader.finds("link", "evaluate, Running");
      await reader.page.setOfflineMode(true);
      await reader.sees("The pipelines backend does not answer.");
      await reader.finds("link", "evaluate, Running");

      release();
      await reader.page.setOfflineMode(false);
      await reader.finds("link", "evaluate, Succeeded");
      assert.ok(!(await reader.text()).includes("does not answer"));
      assert.match(reader.faults.splice(0).join(), /ERR_INTERNET_DISCONNECTED/);
    });
  });

  describe("behind a cluster's API server", () => {
    it("finds all that it needs below the path of the Service", async () => {
      const path = "/api/v1/namespaces/recommenders/services/http:ml-pipeline:8888/proxy/";
      const there = await Reader.at(browser, await theatre.forwarded(path));
      await there.open("");
      await there.press("link", "first training");
      await there.press("link", "evaluate, Succeeded");
      await there.sees("evaluate is done");
      await there.press("button", "Preview report");
      const frame = await (await there.page.waitForSelector("iframe"))?.contentFrame();
      await frame?.waitForSelector("::-p-aria([role='heading'][name='Report'])");

      assert.deepEqual(
        there.requests.filter((each) => !each.startsWith(path)),
        [],
      );
      await there.page.close();
    });
  });

  describe("for everybody", () => {
    it("is used by keyboard alone", async () => {
      await reader.open("#/runs");
      await reader.sees("first training");
      await reader.key("Tab");
      assert.equal(await reader.focused(), "Skip to the content");
      await reader.evaluate(
        "[...document.querySelectorAll('tbody a')].find((a) => a.innerText === 'first training').focus()",
      );
      await reader.key("Enter");
      await reader.until("the run's heading in focus", async () => (await reader.focused()) === "first training");

      await reader.until("a step in focus", async () => {
        await reader.key("Tab");
        return (await reader.focused()) === "download, Succeeded";
      });
      await reader.key("Enter");
      await reader.until("the task's heading in focus", async () => (await reader.focused()) === "download");
      assert.match(await reader.evaluate<string>("location.hash"), /\/tasks\//);
    });

    it("keeps focus, choice and scroll position while it follows a run", async () => {
      const release = theatre.steps.hold("evaluate");
      const run = await theatre.start(pipeline, { name: "watched" });
      await reader.open(`#/runs/${run.id}`);
      await reader.finds("link", "evaluate, Running");
      await reader.evaluate(`document.querySelector('[aria-label="evaluate, Running"]').focus()`);
      release();

      await reader.until(
        "the same step in focus, done",
        async () => (await reader.focused()) === "evaluate, Succeeded",
      );
      await theatre.finished(run.id);
    });

    for (const scheme of ["light", "dark"]) {
      it(`breaks no rule of WCAG 2.1 AA when it is ${scheme}`, async () => {
        await reader.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
        const task = theatre.taskId(bad.id, "exit-handler-1/for-loop-1/1/train");
        const places: [hash: string, seen: string][] = [
          ["#/runs", "first training"],
          [`#/runs/${bad.id}/tasks/${task}`, "MemoryError"],
          [`#/runs/${good.id}`, "About this run"],
          [`#/compare/${good.id}/${bad.id}`, "Difference"],
          ["#/pipelines", "Training"],
          [`#/pipelines/${pipeline.pipelineId}`, "threshold"],
          ["#/recurring", "every hour"],
        ];
        for (const [hash, seen] of places) {
          await reader.open(hash);
          await reader.sees(seen);
          assert.deepEqual(await reader.violations(), [], hash);
        }
      });
    }
  });
});
