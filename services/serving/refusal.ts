/** An answer that says why a request is not served: status code and a sentence, sent as JSON. */
export class Refusal extends Error {
  constructor(
    readonly statusCode: 400 | 404 | 503,
    message: string,
    /** Further fields of the answer. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
