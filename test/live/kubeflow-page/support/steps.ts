import type { FakeContainer, FakeProgram } from "../../../kubeflow/support/fake-runner";
import type { JsonObject } from "../../../../local/kubeflow/model";
import { MALICIOUS } from "./pipelines";

/** What a step is told. */
interface Told {
  readonly inputs?: { readonly parameterValues?: Readonly<Record<string, string | number>> };
  readonly outputs: {
    readonly artifacts?: Readonly<Record<string, { readonly artifacts: readonly { readonly uri: string }[] }>>;
    readonly outputFile: string;
  };
}

const NOTES = `## Query times\n\n| Library | p50 |\n| --- | ---: |\n| scikit | 1.9 ms |\n\n${MALICIOUS}\n`;

/** Steps of the test's pipelines; one of them can be held, so that a test sees it run. */
export class Steps {
  private readonly held = new Map<string, { opened: Promise<void>; open: () => void }>();
  /** Steps whose next try fails. */
  readonly failing = new Set<string>();

  /** Has a step wait in the middle, until the function that comes back is called. */
  hold(step: string): () => void {
    let open = (): void => undefined;
    const opened = new Promise<void>((done) => (open = done));
    this.held.set(step, { opened, open });
    return () => {
      this.held.delete(step);
      open();
    };
  }

  readonly program: FakeProgram = async (container) => {
    const [step = "", text = "{}"] = container.words;
    const told = JSON.parse(text) as Told;
    container.log(`${step} begins\n${MALICIOUS}\n`);
    await this.held.get(step)?.opened;
    container.log(`${step} goes on\n`);
    if (this.failing.has(step)) {
      container.log("MemoryError: too many ratings\n");
      return {
        kind: "failed",
        reason: "OOMKilled",
        message: `${step} used more memory than its limit of 2Gi.`,
        exitCode: 137,
      };
    }
    this.writeOutputs(container, told);
    container.log(`${step} is done\n`);
    return undefined;
  };

  private writeOutputs(container: FakeContainer, { inputs, outputs }: Told): void {
    const rank = Number(inputs?.parameterValues?.["rank"] ?? 0);
    const metadata: Readonly<Record<string, JsonObject>> = {
      metrics: { rmse: 0.9 - rank / 100, rank },
      classes: {
        confusionMatrix: {
          struct: {
            annotationSpecs: [{ displayName: "liked" }, { displayName: "disliked" }],
            rows: [{ row: [12, 3] }, { row: [4, 11] }],
          },
        },
      },
    };
    const artifacts = Object.entries(outputs.artifacts ?? {}).map(
      ([
        name,
        {
          artifacts: [artifact],
        },
      ]) => {
        const path = (artifact?.uri ?? "").replace("s3://", "/s3/");
        if (name === "data") container.write(path, "user,book,rating\n1,2,5\n");
        if (name === "model") {
          container.write(`${path}/weights.txt`, "0.5 0.25\n");
          container.write(`${path}/index.json`, "{}");
        }
        if (name === "notes") container.write(path, NOTES);
        if (name === "report")
          container.write(path, `<h1>Report</h1><p style="color: red">All is well.</p>${MALICIOUS}`);
        return [name, { artifacts: [{ ...artifact, metadata: metadata[name] ?? {} }] }] as const;
      },
    );
    const said = {
      parameterValues: "report" in (outputs.artifacts ?? {}) ? { rmse: 0.75 } : {},
      artifacts: Object.fromEntries(artifacts),
    };
    container.write(outputs.outputFile, JSON.stringify(said));
  }
}
