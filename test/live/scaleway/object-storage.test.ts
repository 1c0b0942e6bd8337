import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { createHash, createHmac, randomBytes } from "node:crypto";
import { Agent, request } from "node:https";
import type { LookupFunction } from "node:net";
import * as s3 from "@aws-sdk/client-s3";
import { freePorts } from "../../../local/instance";
import { authorityFile } from "../../../local/scaleway/edge/certificates";
import { objectStorageService } from "../../../local/scaleway/object-storage/backend";
import { type Json, REGION, TestScaleway } from "../../scaleway/support";
import { installedTools } from "../../../local/toolchain/ensure-tools";

describe("Object storage, by the AWS SDK over TLS", function () {
  let scaleway: TestScaleway;
  let backend: ChildProcess;
  let port: number;
  let agent: Agent;
  let owner: s3.S3Client;

  before(async () => {
    scaleway = await TestScaleway.start();
    const { versitygw } = installedTools();
    const service = objectStorageService(scaleway.instance, { versitygw });
    const [program = "", ...args] = service.command;
    backend = spawn(program, args, { env: service.environment, stdio: "ignore" });
    [port = 0] = await freePorts(1);
    await scaleway.edge.listenOn("127.0.0.1", port);
    const lookup: LookupFunction = (_host, { all }, done) => {
      if (all) done(null, [{ address: "127.0.0.1", family: 4 }]);
      else done(null, "127.0.0.1", 4);
    };
    agent = new Agent({ ca: readFileSync(authorityFile(scaleway.instance.cacheDir)), lookup, keepAlive: true });
    owner = client(scaleway.instance.account.accessKey, scaleway.instance.account.secretKey);
    await until(() => owner.send(new s3.CreateBucketCommand({ Bucket: "first" })));
  });
  after(async () => {
    owner.destroy();
    agent.destroy();
    const gone = new Promise((done) => backend.once("exit", done));
    backend.kill();
    await gone;
    await scaleway.stop();
  });

  const client = (accessKeyId: string, secretAccessKey: string) =>
    new s3.S3Client({
      endpoint: `https://s3.${REGION}.scw.cloud:${port}`,
      region: REGION,
      credentials: { accessKeyId, secretAccessKey },
      requestHandler: { httpsAgent: agent },
    });
  const until = async <T>(attempt: () => Promise<T>): Promise<T> => {
    for (;;) {
      try {
        return await attempt();
      } catch (error) {
        if ((error as { name?: string }).name !== "ServiceUnavailable") throw error;
      }
    }
  };
  const fails = async (name: string, attempt: Promise<unknown>): Promise<void> => {
    const error = await attempt.then(
      () => undefined,
      (caught: Error) => caught,
    );
    assert.equal(error?.name, name);
  };
  const text = async (Bucket: string, Key: string, from = owner) =>
    (await from.send(new s3.GetObjectCommand({ Bucket, Key }))).Body?.transformToString();

  it("gives a bucket Scaleway's owner and answers what was never set as the provider expects", async () => {
    const Bucket = "first";
    const { Owner } = await owner.send(new s3.GetBucketAclCommand({ Bucket }));
    const { projectId } = scaleway.instance.account;
    assert.equal(Owner?.ID, `${projectId}:${projectId}`);
    await fails("NoSuchTagSet", owner.send(new s3.GetBucketTaggingCommand({ Bucket })));
    await fails("NoSuchLifecycleConfiguration", owner.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket })));
    await fails(
      "ObjectLockConfigurationNotFoundError",
      owner.send(new s3.GetObjectLockConfigurationCommand({ Bucket })),
    );
    await fails("NoSuchBucketPolicy", owner.send(new s3.GetBucketPolicyCommand({ Bucket })));
    const cors = await owner.send(new s3.GetBucketCorsCommand({ Bucket })).catch((error: Error) => error);
    assert.ok(cors instanceof Error && cors.message.includes("The CORS configuration does not exist"));
    assert.equal((await owner.send(new s3.GetBucketVersioningCommand({ Bucket }))).Status, undefined);
    await fails("NoSuchBucket", owner.send(new s3.GetBucketAclCommand({ Bucket: "nobodys" })));
  });

  it("keeps lifecycle, CORS, tags, policy and ACL of a bucket over a restart", async () => {
    const Bucket = "first";
    const Rules = [{ ID: "old", Status: "Enabled" as const, Filter: { Prefix: "tmp/" }, Expiration: { Days: 3 } }];
    await owner.send(new s3.PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules } }));
    const CORSRules = [{ AllowedMethods: ["GET"], AllowedOrigins: ["https://books.example"] }];
    await owner.send(new s3.PutBucketCorsCommand({ Bucket, CORSConfiguration: { CORSRules } }));
    const TagSet = [{ Key: "stack", Value: "a & b" }];
    await owner.send(new s3.PutBucketTaggingCommand({ Bucket, Tagging: { TagSet } }));
    const Policy = JSON.stringify({ Version: "2023-04-17", Statement: [{ Effect: "Allow", Action: "*" }] });
    await owner.send(new s3.PutBucketPolicyCommand({ Bucket, Policy }));
    await owner.send(new s3.PutBucketAclCommand({ Bucket, ACL: "public-read" }));
    await scaleway.restart();
    await scaleway.edge.listenOn("127.0.0.1", port);

    assert.deepEqual((await owner.send(new s3.GetBucketLifecycleConfigurationCommand({ Bucket }))).Rules, Rules);
    assert.deepEqual((await owner.send(new s3.GetBucketCorsCommand({ Bucket }))).CORSRules, CORSRules);
    assert.deepEqual((await owner.send(new s3.GetBucketTaggingCommand({ Bucket }))).TagSet, TagSet);
    assert.equal((await owner.send(new s3.GetBucketPolicyCommand({ Bucket }))).Policy, Policy);
    assert.equal((await owner.send(new s3.GetBucketAclCommand({ Bucket }))).Grants?.length, 2);
    await fails("MalformedPolicy", owner.send(new s3.PutBucketPolicyCommand({ Bucket, Policy: "{}" })));
  });

  it("versions objects, and refuses to delete a bucket before its last version is gone", async () => {
    const Bucket = "versioned";
    await owner.send(new s3.CreateBucketCommand({ Bucket }));
    await owner.send(new s3.PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
    for (const Body of ["one", "two"]) await owner.send(new s3.PutObjectCommand({ Bucket, Key: "models/m", Body }));
    assert.equal(await text(Bucket, "models/m"), "two");
    await owner.send(new s3.DeleteObjectCommand({ Bucket, Key: "models/m" }));
    await fails("NoSuchKey", text(Bucket, "models/m"));
    await fails("BucketNotEmpty", owner.send(new s3.DeleteBucketCommand({ Bucket })));

    const { Versions = [], DeleteMarkers = [] } = await owner.send(new s3.ListObjectVersionsCommand({ Bucket }));
    assert.equal(Versions.length, 2);
    for (const { Key, VersionId } of [...Versions, ...DeleteMarkers])
      await owner.send(new s3.DeleteObjectCommand({ Bucket, Key, VersionId }));
    await owner.send(new s3.DeleteBucketCommand({ Bucket }));
    await fails("NoSuchBucket", owner.send(new s3.ListObjectsV2Command({ Bucket })));
  });

  it("takes uploads in parts", async () => {
    const [Bucket, Key] = ["first", "data/big file+more.bin"];
    const { UploadId } = await owner.send(new s3.CreateMultipartUploadCommand({ Bucket, Key }));
    const bodies = [randomBytes(5 * 1024 * 1024), randomBytes(1000)];
    const Parts = [];
    for (const [index, Body] of bodies.entries()) {
      const PartNumber = index + 1;
      const { ETag } = await owner.send(new s3.UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
      Parts.push({ ETag, PartNumber });
    }
    await owner.send(new s3.CompleteMultipartUploadCommand({ Bucket, Key, UploadId, MultipartUpload: { Parts } }));
    const { Body } = await owner.send(new s3.GetObjectCommand({ Bucket, Key }));
    const digest = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");
    assert.equal(digest((await Body?.transformToByteArray()) ?? Buffer.alloc(0)), digest(Buffer.concat(bodies)));
    const { Contents = [] } = await owner.send(new s3.ListObjectsV2Command({ Bucket, Prefix: "data/" }));
    assert.deepEqual(
      Contents.map((each) => each.Key),
      [Key],
    );
  });

  it("opens with a key exactly what its policies open, in its project only", async () => {
    const { projectId } = scaleway.instance.account;
    const application = (await scaleway.post("/iam/v1alpha1/applications", { name: "reader" })).body["id"];
    await scaleway.post("/iam/v1alpha1/policies", {
      application_id: application,
      rules: [{ permission_set_names: ["ObjectStorageObjectsRead"], project_ids: [projectId] }],
    });
    const { body: key } = await scaleway.post("/iam/v1alpha1/api-keys", { application_id: application });
    const reader = client(key["access_key"] as string, key["secret_key"] as string);
    const other = (await scaleway.post("/account/v3/projects", { name: "other" })).body["id"] as string;
    const elsewhere = client(`${key["access_key"] as string}@${other}`, key["secret_key"] as string);
    const forged = client(key["access_key"] as string, "00000000-0000-4000-8000-000000000000");
    await owner.send(new s3.PutObjectCommand({ Bucket: "first", Key: "a", Body: "hello" }));

    assert.equal(await text("first", "a", reader), "hello");
    await fails("AccessDenied", reader.send(new s3.PutObjectCommand({ Bucket: "first", Key: "a", Body: "x" })));
    await fails("AccessDenied", reader.send(new s3.CreateBucketCommand({ Bucket: "second" })));
    await fails("AccessDenied", text("first", "a", elsewhere));
    await fails("SignatureDoesNotMatch", text("first", "a", forged));
    await fails("InvalidAccessKeyId", text("first", "a", client("SCWAAAAAAAAAAAAAAAAA", "x")));
    await scaleway.delete(`/iam/v1alpha1/api-keys/${key["access_key"] as string}`);
    await fails("InvalidAccessKeyId", text("first", "a", reader));
    for (const each of [reader, elsewhere, forged]) each.destroy();
  });

  it("lets a presigned link read one object until it expires", async () => {
    await owner.send(new s3.PutObjectCommand({ Bucket: "first", Key: "shared", Body: "for a while" }));
    const now = new Date();
    const past = new Date(now.getTime() - 3600_000);

    assert.deepEqual(await open(presigned("shared", now)), { status: 200, body: "for a while" });
    assert.equal((await open(presigned("shared", past))).status, 403);
    assert.equal((await open(presigned("shared", now).replace("/shared?", "/a?"))).status, 403);
    assert.equal((await open(`https://first.s3.${REGION}.scw.cloud:${port}/shared`)).status, 403);
  });

  it("lists buckets among what exists, and logs every call by the name of its operation", async () => {
    assert.ok((await scaleway.kinds()).includes("bucket"));
    const { body } = await scaleway.get("/_local/events?operation=s3.GetObject&limit=1");
    const [event] = body["events"] as Json[];
    assert.match(event?.["path"] as string, /^first\.s3\.fr-par\.scw\.cloud/);
  });

  const open = (url: string): Promise<{ status: number | undefined; body: string }> =>
    new Promise((done, fail) => {
      request(url, { agent }, (answer) => {
        let body = "";
        answer.on("data", (chunk: Buffer) => (body += chunk.toString()));
        answer.on("end", () => done({ status: answer.statusCode, body }));
      })
        .on("error", fail)
        .end();
    });

  /** A link for a minute, signed by hand: the SDK's own signer is a package we have no other use for. */
  const presigned = (key: string, at: Date): string => {
    const { accessKey, secretKey } = scaleway.instance.account;
    const date = at.toISOString().replace(/[-:]|\.\d{3}/g, "");
    const scope = `${date.slice(0, 8)}/${REGION}/s3/aws4_request`;
    const host = `first.s3.${REGION}.scw.cloud:${port}`;
    const query = [
      ["X-Amz-Algorithm", "AWS4-HMAC-SHA256"],
      ["X-Amz-Credential", `${accessKey}/${scope}`],
      ["X-Amz-Date", date],
      ["X-Amz-Expires", "60"],
      ["X-Amz-SignedHeaders", "host"],
    ]
      .map(([name = "", value = ""]) => `${name}=${encodeURIComponent(value)}`)
      .join("&");
    const canonical = `GET\n/${key}\n${query}\nhost:${host}\n\nhost\nUNSIGNED-PAYLOAD`;
    const digest = createHash("sha256").update(canonical).digest("hex");
    const sign = (secret: string | Buffer, message: string) => createHmac("sha256", secret).update(message).digest();
    const signingKey = scope.split("/").reduce<string | Buffer>(sign, `AWS4${secretKey}`);
    const signature = sign(signingKey, `AWS4-HMAC-SHA256\n${date}\n${scope}\n${digest}`).toString("hex");
    return `https://${host}/${key}?${query}&X-Amz-Signature=${signature}`;
  };
});
