import type { Kind } from "../kind";
import { BooksModel } from "./model";
import { overview, recommend } from "./people";

/** Item to item: ten others for an item, from a table of neighbours. */
export const books: Kind<BooksModel> = {
  name: "books",
  load: (files) => BooksModel.load(files),
  routes(app, model) {
    app.get("/recommendations", () => overview(model()));
    app.get<{ Params: { asked: string } }>("/recommendations/:asked", ({ params }) => recommend(model(), params.asked));
  },
};
