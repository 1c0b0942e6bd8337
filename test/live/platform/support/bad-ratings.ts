import { zip } from "../../../books/support/zip-files";

/** Ratings that nobody can learn from, as files that a user may have. */
export interface BadRatings {
  readonly what: string;
  readonly fileName: string;
  readonly content: () => Buffer;
  /** The sentence of the step that refuses them. */
  readonly sentence: RegExp;
}

const RATINGS = "BX-Book-Ratings.csv";
const RATINGS_HEADER = '"User-ID";"ISBN";"Book-Rating"\r\n';
const BOOKS = {
  name: "BX-Books.csv",
  content:
    '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher";"Image-URL-S";"Image-URL-M";"Image-URL-L"\r\n',
};

export const BAD_RATINGS: readonly BadRatings[] = [
  {
    what: "a zip bomb",
    fileName: "bomb.zip",
    content: () => zip([{ name: RATINGS, content: Buffer.alloc(20_000_000) }]),
    sentence: /bomb\.zip cannot be unpacked: BX-Book-Ratings\.csv unpacks from \d+ to 20000000 bytes/,
  },
  {
    what: "a truncated archive",
    fileName: "cut.zip",
    content: () => {
      const whole = zip([{ name: RATINGS, content: RATINGS_HEADER.repeat(100) }]);
      return whole.subarray(0, whole.length / 2);
    },
    sentence: /cut\.zip cannot be unpacked: /,
  },
  {
    what: "a file of another dialect",
    fileName: "ratings.csv",
    content: () => Buffer.from("userId,movieId,rating,timestamp\n1,31,2.5,1260759144\n"),
    sentence: /ratings\.csv row 1: no known dialect begins with 'userId,movieId/,
  },
  {
    what: "an archive of an empty file",
    fileName: "empty.zip",
    content: () => zip([{ name: RATINGS, content: "" }]),
    sentence: /BX-Book-Ratings\.csv row 1: the file is empty/,
  },
  {
    what: "ratings without a usable row",
    fileName: "useless.zip",
    content: () =>
      zip([{ name: RATINGS, content: `${RATINGS_HEADER}"1";"059035342X";"0"\r\n"2";"059035342X";"0"\r\n` }, BOOKS]),
    sentence: /BX-Book-Ratings\.csv has no usable row: /,
  },
];
