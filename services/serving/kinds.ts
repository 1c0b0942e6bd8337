import { books } from "./books/kind";
import { iris } from "./iris/kind";
import type { Kind, LoadedModel } from "./kind";
import { createServer, type ModelServer, type ServerOptions } from "./server";

type Serve = (options: ServerOptions) => Promise<ModelServer>;

const serve =
  <M extends LoadedModel>(kind: Kind<M>): Serve =>
  (options) =>
    createServer(kind, options);

/** Recommenders that can be served, by name. */
export const SERVED: Readonly<Record<string, Serve>> = { [books.name]: serve(books), [iris.name]: serve(iris) };
