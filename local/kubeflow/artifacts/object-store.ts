/** Objects below `s3://<bucket>/<key>`; a key that ends nowhere may stand for all that begin with `<key>/`. */
export interface ObjectStore {
  /**
   * Fetches an object to a path, or all objects below it into a directory at that path.
   * @returns whether there was anything
   * @throws ObjectStorageError once it was tried for long enough
   */
  download(uri: string, path: string, signal: AbortSignal): Promise<boolean>;
  /** Sends a file, or all files of a directory. @throws ObjectStorageError once it was tried for long enough */
  upload(path: string, uri: string, signal: AbortSignal): Promise<void>;
  /** Whether there is an object at the address or below it. @throws ObjectStorageError */
  exists(uri: string, signal: AbortSignal): Promise<boolean>;
}

/** Object storage that did not do what was asked; the message is a sentence with the address. */
export class ObjectStorageError extends Error {}

export interface ObjectAddress {
  readonly bucket: string;
  readonly key: string;
}

/** @throws ObjectStorageError for another form than s3://bucket/key */
export function addressOf(uri: string): ObjectAddress {
  const match = /^s3:\/\/([^/]+)\/(.+)$/.exec(uri);
  if (!match?.[1] || !match[2])
    throw new ObjectStorageError(`"${uri}" is not the address of an object: write s3://<bucket>/<key>.`);
  return { bucket: match[1], key: match[2].replace(/\/+$/, "") };
}
