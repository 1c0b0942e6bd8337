import { and, not, or } from "../../../../pipelines/sdk/conditions";
import { importer } from "../../../../pipelines/sdk/component";
import { exitHandler, forEach, when } from "../../../../pipelines/sdk/control";
import { pipeline, run } from "../../../../pipelines/sdk/pipeline";
import { boolean, dataset, double, integer, list, record, string, struct } from "../../../../pipelines/sdk/types";
import { echoList, fail, greet, keep, make, publish, report, say, score, train } from "./words";

/** A model becomes current only if it is good enough. */
export const gate = pipeline("gate", { parameters: { threshold: double({ default: 0.5 }) } }, ({ threshold }) => {
  const { rmse, model } = train({ data: make({ rows: 10 }).outputs.data }).outputs;
  when(rmse.lessThan(threshold), () => publish({ model }));
});

/** As `gate`, with everything a condition can say. */
export const conditions = pipeline(
  "conditions",
  {
    parameters: {
      floor: integer({ default: 5 }),
      mode: string({ default: "on" }),
      dry: boolean({ default: false }),
    },
  },
  ({ floor, mode, dry }) => {
    const { rows, rmse, model } = train({ data: make({ rows: 7 }).outputs.data }).outputs;
    const good = and(rows.atLeast(floor), rmse.atMost(1), not(dry.equals(true)));
    when(good, () => {
      const { version } = publish({ model }).outputs;
      when(or(mode.equals("on"), mode.notEquals("off")), () => say({ text: version }));
    });
    when(rows.moreThan(100), () => say({ text: "many" }, { name: "never" }));
  },
);

/** One of two, and a step that takes whichever it was. */
export const either = pipeline("either", { parameters: { big: boolean({ default: true }) } }, ({ big }) => {
  const { text } = when(
    big.equals(true),
    () => ({ text: say({ text: "big" }).outputs.said }),
    () => ({ text: say({ text: "small" }).outputs.said }),
  ).outputs;
  return { text: say({ text }, { name: "last" }).outputs.said };
});

/** As `either`, with artifacts, which `kfp.local` cannot choose from. */
export const eitherArtifact = pipeline("either-artifact", { parameters: { rows: integer() } }, ({ rows }) => {
  const { data } = when(
    rows.moreThan(10),
    () => ({ data: make({ rows }).outputs.data }),
    () => ({ data: make({ rows: 10 }).outputs.data }),
  ).outputs;
  const { model } = train({ data }).outputs;
  return { model };
});

/** Loops over constants, over a parameter, over what a step made, and one in another. */
export const loops = pipeline("loops", { parameters: { words: list({ default: ["a", "b", "c"] }) } }, ({ words }) => {
  const { said } = forEach(words, { item: string(), parallelism: 2 }, (word) => ({
    said: say({ text: word }).outputs.said,
  })).outputs;
  const echoed = echoList({ items: said }).outputs.items;
  const settings = [
    { rank: 8, shrink: 0.5 },
    { rank: 16, shrink: 1 },
  ];
  const { scores } = forEach(settings, { item: record({ rank: integer(), shrink: double() }) }, ({ fields }) => ({
    scores: score({ rank: fields.rank, shrink: fields.shrink }).outputs.score,
  })).outputs;
  forEach(echoed, { item: string() }, (outer) => {
    forEach([1, 2], { item: integer() }, (inner) => {
      score({ rank: inner });
      when(inner.atLeast(2), () => say({ text: outer }));
    });
  });
  return { scores, said };
});

/** Tells how it ended, even if it failed. */
export const watched = pipeline(
  "watched",
  { parameters: { to: string({ default: "ops" }), bad: boolean({ default: false }) } },
  ({ to, bad }) => {
    exitHandler(
      (status) => report({ status, to }),
      () => {
        const { data } = make({ rows: 3 }).outputs;
        when(bad.equals(true), () => fail().after(keep({ thing: data })));
      },
    );
  },
);

const evaluation = pipeline(
  "evaluation",
  { parameters: { rank: integer({ default: 4 }) }, artifacts: { data: dataset() } },
  ({ rank, data }) => {
    const { rmse, model } = train({ data, rank }).outputs;
    return { rmse, model };
  },
);

/** A pipeline in a pipeline, twice, with outputs. */
export const nested = pipeline("nested", { parameters: { rows: integer({ default: 4 }) } }, ({ rows }) => {
  const { data } = make({ rows }).outputs;
  const first = evaluation({ data });
  const second = evaluation({ data, rank: 9 }, { displayName: "Second evaluation" }).after(first);
  when(second.outputs.rmse.atMost(0.5), () => publish({ model: second.outputs.model, note: "nested" }));
  return { rmse: first.outputs.rmse, model: second.outputs.model };
});

const external = importer({ name: "import", type: dataset(), metadata: { source: "elsewhere" } });

/** Data from outside, an optional parameter, facts of the run. */
export const outside = pipeline(
  "outside",
  { parameters: { uri: string({ default: "s3://data/books.csv" }), name: string({ optional: true }) } },
  ({ uri, name }) => {
    greet({ run: run.id });
    greet({ name, run: "r" }, { name: "greet-maybe" });
    external({ uri });
    external({ uri: "s3://data/fixed.csv" }, { name: "import-fixed", cache: "off" });
  },
);

/** Everything that a step can ask of the cluster. */
export const settings = pipeline(
  "settings",
  {
    displayName: "Settings of all kinds",
    description: "Every setting once.",
    parameters: { claim: string({ default: "nfs" }), extra: struct({ default: { a: [1, null, "x"] } }) },
  },
  ({ claim }) => {
    const first = say({ text: "secret-of-the-run" });
    make(
      { rows: 2 },
      {
        displayName: "Make rows",
        image: "registry.example/other:1",
        env: { B: "2", A: "1" },
        requests: { cpu: "250m", memory: "1Gi" },
        limits: { cpu: "1", memory: "2Gi" },
        gpu: { type: "nvidia.com/gpu", count: 1 },
        nodeSelector: { "k8s.scaleway.com/pool-name": "gpu" },
        tolerations: [
          { key: "nvidia.com/gpu", operator: "Exists", effect: "NoSchedule" },
          { key: "slow", operator: "Equal", value: "yes", effect: "NoExecute", tolerationSeconds: 30 },
        ],
        volumes: [
          { claim: "data", mountPath: "/mnt/data", subPath: "datasets" },
          { claim, mountPath: "/mnt/nfs" },
        ],
        emptyDirs: [{ name: "shm", mountPath: "/dev/shm", medium: "Memory", sizeLimit: "1Gi" }],
        secretEnv: [{ secret: first.outputs.said, keys: { KEY: "key", ID: "id" } }],
        secretFiles: [{ secret: "kaggle", mountPath: "/secret/kaggle", optional: true }],
        configMapEnv: [{ configMap: "settings", keys: { LEVEL: "level" } }],
        configMapFiles: [{ configMap: "files", mountPath: "/etc/files" }],
        fieldEnv: { NODE: "spec.nodeName" },
        imagePullPolicy: "Always",
        imagePullSecrets: ["registry"],
        labels: { "kaggle-secret": "true" },
        annotations: { note: "kept" },
        cache: { maxStaleness: "P7D" },
        retries: { count: 3, backoffSeconds: 30, backoffFactor: 1.5, maxBackoffSeconds: 600 },
        timeoutSeconds: 900,
        securityContext: { runAsUser: 65532, runAsGroup: 65532, runAsNonRoot: true },
      },
    );
    say({ text: "never reused" }, { name: "fresh", cache: { maxStaleness: "P0D" } });
    say({ text: "not at all" }, { name: "off", cache: "off" });
  },
);

export const samples = { gate, conditions, either, eitherArtifact, loops, watched, nested, outside, settings };
