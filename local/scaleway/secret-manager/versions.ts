import { z } from "zod";
import { type Platform, find, newborn, requireRights, touched } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { breaksRule, invalidArguments, notFound } from "../server/errors";
import { page } from "../server/pagination";
import { bodyOf, optional } from "../server/validation";
import { LARGEST_SECRET_BYTES, type Secret, type Version } from "./records";

const BASE = "/secret-manager/v1beta1/regions/{region}/secrets/{id}/versions";

/** Versions of a secret: numbered from 1, never renumbered; only `access` shows the value. */
export function versionRoutes({ store }: Platform): Route[] {
  const secrets = store.collection<Secret>("secrets");
  const versions = store.collection<Version>("secret-versions");
  const secretOf = (call: Call): Secret => find(call, secrets, "secret", param(call, "id"));
  const of = (secret: Secret): Version[] => versions.filter(({ secret_id }) => secret_id === secret.id);
  const existing = (call: Call): Version => {
    const wanted = param(call, "revision");
    const all = of(secretOf(call));
    const enabled = all.filter(({ status }) => status === "enabled");
    const found =
      wanted === "latest"
        ? all.at(-1)
        : wanted === "latest_enabled"
          ? enabled.at(-1)
          : all.find(({ revision }) => String(revision) === wanted);
    if (!found) throw notFound("secret_version", wanted);
    return found;
  };
  const view = ({ id, data: _data, ...version }: Version) => ({
    ...version,
    region: secrets.get(version.secret_id)?.region,
    latest: versions.filter(({ secret_id }) => secret_id === version.secret_id).at(-1)?.id === id,
    ephemeral_properties: null,
    deletion_requested_at: null,
    deleted_at: null,
  });
  const setStatus = (call: Call, status: Version["status"]) =>
    ok(view(versions.put({ ...existing(call), status, ...touched() })));

  return [
    route("POST", BASE, "secret.CreateSecretVersion", (call) => {
      const secret = secretOf(call);
      const body = bodyOf(
        call,
        z.object({
          data: z.base64("must be base64"),
          description: optional(z.string()),
          disable_previous: optional(z.boolean()),
        }),
      );
      const bytes = Buffer.byteLength(body.data, "base64");
      if (bytes > LARGEST_SECRET_BYTES)
        throw breaksRule("data", `${bytes} bytes are more than the ${LARGEST_SECRET_BYTES} a version may hold`);
      const mistake = secret.type === "key_value" ? keyValueMistake(body.data) : undefined;
      if (mistake !== undefined)
        throw invalidArguments({ argument_name: "data", reason: "format", help_message: mistake });
      const previous = of(secret);
      if (body.disable_previous === true)
        for (const each of previous) versions.put({ ...each, status: "disabled", ...touched() });
      const revision = (secret.last_revision ?? previous.at(-1)?.revision ?? 0) + 1;
      secrets.patch(secret.id, { last_revision: revision });
      return ok(
        view(
          versions.put({
            ...newborn(),
            id: `${secret.id}/${revision}`,
            secret_id: secret.id,
            revision,
            status: "enabled",
            description: body.description ?? "",
            data: body.data,
          }),
        ),
      );
    }),
    route("GET", BASE, "secret.ListSecretVersions", (call) => ok(page(call, "versions", of(secretOf(call)).map(view)))),
    route("GET", `${BASE}/{revision}`, "secret.GetSecretVersion", (call) => ok(view(existing(call)))),
    route("GET", `${BASE}/{revision}/access`, "secret-access.AccessSecretVersion", (call) => {
      const secret = secretOf(call);
      const { revision, data } = existing(call);
      return ok({ secret_id: secret.id, revision, data, data_crc32: null, type: secret.type });
    }),
    route("PATCH", `${BASE}/{revision}`, "secret.UpdateSecretVersion", (call) => {
      const version = existing(call);
      const { description } = bodyOf(call, z.object({ description: optional(z.string()) }));
      return ok(view(versions.put({ ...version, description: description ?? version.description, ...touched() })));
    }),
    route("POST", `${BASE}/{revision}/enable`, "secret.EnableSecretVersion", (call) => setStatus(call, "enabled")),
    route("POST", `${BASE}/{revision}/disable`, "secret.DisableSecretVersion", (call) => setStatus(call, "disabled")),
    route("DELETE", `${BASE}/{revision}`, "secret.DeleteSecretVersion", (call) => {
      const secret = secretOf(call);
      requireRights(call, secret.project_id);
      versions.delete(existing(call).id);
      return noContent;
    }),
  ];
}

/** What keeps data from being a key_value secret, a JSON object of strings; undefined where nothing does. */
function keyValueMistake(data: string): string | undefined {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(data, "base64").toString("utf8"));
  } catch {
    return "the data of a key_value secret must be JSON";
  }
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return "the data of a key_value secret must be a JSON object";
  const wrong = Object.entries(value).find(([, each]) => typeof each !== "string");
  return wrong && `- ${wrong[0]}: Invalid type. Expected: string, given: ${typeof wrong[1]}`;
}
