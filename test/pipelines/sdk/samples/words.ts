import { component } from "../../../../pipelines/sdk/component";
import {
  artifact,
  dataset,
  double,
  finalStatus,
  integer,
  list,
  metrics,
  model,
  string,
} from "../../../../pipelines/sdk/types";

/** Small components that run anywhere: a shell is all they need, so `kfp.local` can run them. */
const image = "registry.example/steps@sha256:0000000000000000000000000000000000000000000000000000000000000000";
const shell = (script: string) => ["sh", "-ec", `mkdir -p "$(dirname "$1")"\n${script}`, "sh"];

/** Writes its text. */
export const say = component({
  name: "say",
  inputs: { text: string() },
  outputs: { said: string() },
  image,
  command: shell('printf %s "$2" > "$1"'),
  args: ({ inputs, outputs }) => [outputs.said.path, inputs.text],
});

/** Writes a dataset of so many rows. */
export const make = component({
  name: "make",
  inputs: { rows: integer() },
  outputs: { data: dataset() },
  image,
  command: shell('seq "$2" > "$1"'),
  args: ({ inputs, outputs }) => [outputs.data.path, inputs.rows],
});

/** Counts the rows; the model is the data. */
export const train = component({
  name: "train",
  inputs: { data: dataset(), rank: integer({ default: 8 }) },
  outputs: { rmse: double(), model: model(), rows: integer(), metrics: metrics() },
  image,
  command: shell(
    'for file in "$2" "$3" "$4"; do mkdir -p "$(dirname "$file")"; done\ncp "$5" "$2"\nwc -l < "$5" > "$3"\necho 0.25 > "$1"\necho "$6" > "$4"',
  ),
  args: ({ inputs, outputs }) => [
    outputs.rmse.path,
    outputs.model.path,
    outputs.rows.path,
    outputs.metrics.path,
    inputs.data.path,
    inputs.rank,
  ],
});

export const publish = component({
  name: "publish",
  inputs: { model: model(), note: string({ default: "" }) },
  outputs: { version: string() },
  image,
  command: shell('printf "%s rows" "$(wc -l < "$2" | tr -d " ")" > "$1"'),
  args: ({ inputs, outputs }) => [outputs.version.path, inputs.model.path, inputs.note],
});

/** Takes any artifact. */
export const keep = component({
  name: "keep",
  inputs: { thing: artifact() },
  image,
  command: ["sh", "-ec", 'test -e "$0"'],
  args: ({ inputs }) => [inputs.thing.path],
});

/** Writes the list it was given. */
export const echoList = component({
  name: "echo-list",
  inputs: { items: list() },
  outputs: { items: list() },
  image,
  command: shell('printf %s "$2" > "$1"'),
  args: ({ inputs, outputs }) => [outputs.items.path, inputs.items],
});

export const score = component({
  name: "score",
  inputs: { rank: integer(), shrink: double({ default: 0 }) },
  outputs: { score: double() },
  image,
  command: shell('echo "$2.5" > "$1"'),
  args: ({ inputs, outputs }) => [outputs.score.path, inputs.rank, inputs.shrink],
});

export const fail = component({ name: "fail", image, command: ["sh", "-ec", "exit 3"] });

export const report = component({
  name: "report",
  inputs: { status: finalStatus(), to: string() },
  outputs: { text: string() },
  image,
  command: shell('printf "%s: %s" "$2" "$3" > "$1"'),
  args: ({ inputs, outputs }) => [outputs.text.path, inputs.to, inputs.status],
});

export const greet = component({
  name: "greet",
  inputs: { name: string({ optional: true }), run: string() },
  outputs: { greeting: string() },
  image,
  command: shell('printf %s "$*" > "$1"'),
  args: ({ inputs, outputs }) => [
    outputs.greeting.path,
    { ifPresent: "name", then: ["--name", inputs.name], otherwise: ["--anybody"] },
    inputs.run,
  ],
});
