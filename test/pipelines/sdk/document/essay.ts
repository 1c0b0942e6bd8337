import { component } from "../../../../pipelines/sdk/component";
import { pipeline } from "../../../../pipelines/sdk/pipeline";
import { integer, string } from "../../../../pipelines/sdk/types";

const count = component({
  name: "count",
  inputs: { text: string() },
  outputs: { words: integer() },
  image: "registry.example/shell:1",
  command: ["sh", "-ec", 'echo "$0" | wc -w > "$1"'],
  args: ({ inputs, outputs }) => [inputs.text, outputs.words.path],
});

export const essay = pipeline("essay", { parameters: { text: string() } }, ({ text }) => count({ text }).outputs);

export { count };
