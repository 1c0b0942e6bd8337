import { Refusal } from "../refusal";
import { ANSWERS, type BooksModel, type Item } from "./model";

const SUGGESTIONS = 5;

/** What the model was trained on, named for people. */
export function dataOf({ facts }: BooksModel) {
  const data = (facts["data"] ?? {}) as Readonly<Record<string, unknown>>;
  const [label, file] = [text(data["label"]), text(data["name"])];
  return { name: label && file ? `${label} (${file})` : label || file, file, sha256: text(data["sha256"]) };
}

/** The data, and the most read items as something to begin with. */
export function overview(model: BooksModel) {
  return { data: dataOf(model), items: model.size, popular: model.popular(ANSWERS) };
}

/**
 * Ten others for an id or a title. Several items of one title: the most read one answers, the others are named.
 * @throws Refusal 404 with titles that come near.
 */
export function recommend(model: BooksModel, asked: string) {
  const known = model.find(asked.trim());
  const match = known === undefined ? model.findTitle(asked) : { position: known, others: [] };
  if (!match) {
    const didYouMean: Item[] = model.suggest(asked, SUGGESTIONS);
    throw new Refusal(404, `Nothing with the id or title "${asked.slice(0, 100)}" is among the ${model.size} items.`, {
      didYouMean,
    });
  }
  return {
    ...model.item(match.position),
    sameTitle: match.others.slice(0, ANSWERS).map((other) => model.item(other).item),
    recommendations: model.neighboursOf(match.position, ANSWERS),
  };
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
