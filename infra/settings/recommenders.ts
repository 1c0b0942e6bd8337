import { z } from "zod";
import { hostLabel, resources, sha256, withRule } from "./fields";
import { serving } from "./serving";

const dataFields = z.strictObject({
  name: z.string().min(1).max(80).describe("What people call these data; the output booksData repeats it."),
  sha256: sha256.describe("Checksum of the file; other bytes are refused before anything is read."),
  file: z
    .string()
    .min(1)
    .optional()
    .describe(
      "The file on the machine that deploys, relative to the project; it becomes an object of the data bucket.",
    ),
  url: z
    .string()
    .regex(/^(https:\/\/|s3:\/\/[^/]+\/).+/, "an address that begins with https:// or s3://<bucket>/")
    .optional()
    .describe("Where the download step finds the file, instead of file."),
});

const data = withRule(
  dataFields,
  z.object({ file: z.string().optional(), url: z.string().optional() }),
  ({ file, url }) => {
    if (file && url) return { path: ["url"], message: "absent, since file is given: only one of them is the source" };
    if (!file && !url) return { path: ["file"], message: "the path of the ratings file, or url with its address" };
    return undefined;
  },
);

const gate = (floor: number) =>
  z
    .strictObject({
      floor: z
        .number()
        .min(0)
        .max(1)
        .default(floor)
        .describe("Least figure of a model that is served; one below it is stored nowhere."),
      margin: z
        .number()
        .min(0)
        .max(1)
        .default(0.004)
        .describe("By how much a new model may be worse than the served one, since splits differ by as much."),
    })
    .prefault({})
    .describe("What a model must reach before it is served.");

const keepVersions = z
  .int()
  .min(1)
  .max(100)
  .default(5)
  .describe("Versions of the model that are kept to go back to, the served one included.");

const timeoutMinutes = z
  .int()
  .min(1)
  .max(24 * 60)
  .default(60)
  .describe("Time for one step, the start of its node included, after which it counts as failed.");

const cron = z
  .string()
  .regex(
    /^(@(yearly|monthly|weekly|daily|hourly)|@every \S+|(\S+ ){5}\S+)$/,
    'six fields, seconds first, such as "0 0 3 * * *"',
  );

const schedule = cron
  .optional()
  .describe("When the pipeline runs again by itself, in UTC; never where it is left out.");

const books = withRule(
  z.strictObject({
    data: data.optional().describe("The ratings to learn from."),
    cpuPool: hostLabel.default("cpu").describe("Pool of the steps without GPU and of the serving."),
    gpuPool: hostLabel.default("gpu").describe("Pool of the steps with a GPU."),
    shrink: z.number().min(0).default(100).describe("Shrinkage of the cosine: more of it trusts rare books less."),
    neighbours: z
      .int()
      .min(10)
      .max(1000)
      .default(200)
      .describe("Most similar books that vote on a reader's next one when quality is measured; ten are served."),
    steps: z
      .strictObject({
        download: resources({ cpu: "100m", memory: "256Mi" }),
        prepare: resources({ cpu: "500m", memory: "1Gi" }),
        training: resources({ cpu: "1", memory: "2Gi" }),
      })
      .prefault({})
      .describe("What the steps need; the goal for prepare is 256Mi at work."),
    timeoutMinutes,
    gate: gate(0.05),
    keepVersions,
    schedule,
    serving,
    nfsAccess: z
      .boolean()
      .default(false)
      .describe("Whether a pod nfs-access with the shared volume runs, to look around in it with kubectl exec."),
  }),
  z.object({ data: z.unknown().optional() }),
  ({ data }) =>
    data === undefined
      ? {
          path: ["data"],
          message: "the ratings: {name, sha256, file} or {name, sha256, url}; npm start sets it by itself",
        }
      : undefined,
);

const iris = z.strictObject({
  data: z
    .strictObject({
      url: z
        .string()
        .regex(/^(https|file):\/\/.+/, "an address that begins with https://, or file:// for a file of the image")
        .describe("Where the table is fetched from, at every run."),
      sha256: sha256.describe("Checksum of what is there."),
      header: z.string().min(1).describe("Its first line; another table is refused."),
      label: z.string().min(1).describe("Column of the classes."),
    })
    .optional()
    .describe("The table to learn from; the published one, which lies in the image, where it is left out."),
  cpuPool: hostLabel.default("cpu").describe("Pool of the steps and of the serving."),
  timeoutMinutes,
  gate: gate(0.93),
  keepVersions,
  schedule,
  serving,
});

/** The recommenders that run on the platform. */
export const recommenders = z
  .strictObject({
    books: books
      // The rule above lets no other through.
      .transform((settings) => settings as BooksSettings)
      .describe("Books that readers of a book also liked."),
    iris: iris.optional().describe("The species of an iris by four lengths: the smallest example. None if left out."),
  })
  .describe("The recommenders that run on the platform.");

export type DataSettings = z.output<typeof data>;
export type BooksSettings = z.output<typeof books> & { readonly data: DataSettings };
export type IrisSettings = z.output<typeof iris>;
export type RecommendersSettings = z.output<typeof recommenders>;
