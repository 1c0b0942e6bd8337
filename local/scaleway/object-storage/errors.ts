import { document } from "./xml";

/** A refusal in the form of object storage. */
export class S3Error extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }

  xml(resource: string, requestId: string): string {
    return document("Error", [
      ["Code", this.code],
      ["Message", this.message],
      ["Resource", resource],
      ["RequestId", requestId],
    ]).replace(/ xmlns="[^"]*"/, "");
  }
}

export const accessDenied = (why = "Access Denied"): S3Error => new S3Error(403, "AccessDenied", why);

export const noSuchBucket = (): S3Error => new S3Error(404, "NoSuchBucket", "The specified bucket does not exist");

export const malformedXml = (): S3Error =>
  new S3Error(400, "MalformedXML", "The XML you provided was not well-formed or did not validate against our schema");
