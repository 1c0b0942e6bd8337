import { randomInt, randomUUID } from "node:crypto";
import { z } from "zod";
import { type Platform, newborn, touched } from "../platform";
import { type Route, noContent, ok, param, route } from "../server/call";
import { breaksRule, notFound } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional } from "../server/validation";
import { requireIamRights } from "./rights";
import type { ApiKey, Application } from "./records";

const BASE = "/iam/v1alpha1/api-keys";

/** API keys of applications; each opens this API, the object storage and the registry as its policies allow. */
export function apiKeyRoutes(platform: Platform): Route[] {
  const { store, instance } = platform;
  const keys = store.collection<ApiKey>("iam-api-keys");
  const existing = (accessKey: string): ApiKey => {
    const found = keys.get(accessKey);
    if (!found) throw notFound("access_key", accessKey);
    return found;
  };

  return [
    route("POST", BASE, "iam.CreateAPIKey", (call) => {
      requireIamRights(call);
      const body = bodyOf(
        call,
        z.object({
          application_id: optional(z.string()),
          user_id: optional(z.string()),
          default_project_id: optional(z.string()),
          description: optional(z.string()),
          expires_at: optional(z.iso.datetime({ offset: true, error: "must be an RFC 3339 time" })),
        }),
      );
      const { application_id, user_id, default_project_id } = body;
      if ((application_id === undefined) === (user_id === undefined))
        throw breaksRule("bearer", "give exactly one of application_id and user_id");
      if (application_id !== undefined && !store.collection<Application>("iam-applications").get(application_id))
        throw notFound("application", application_id);
      if (default_project_id !== undefined && !platform.identity.projectExists(default_project_id))
        throw notFound("project_id", default_project_id);
      if (body.expires_at !== undefined && Date.parse(body.expires_at) <= Date.now())
        throw breaksRule("expires_at", `${body.expires_at} is in the past`);
      const key = keys.put({
        ...newborn(),
        id: newAccessKey(),
        secret_key: randomUUID(),
        application_id,
        user_id,
        description: body.description ?? "",
        default_project_id: default_project_id ?? instance.account.projectId,
        expires_at: body.expires_at ?? null,
        creation_ip: "127.0.0.1",
      });
      return ok({ ...view(key), secret_key: key.secret_key });
    }),
    route("GET", BASE, "iam.ListAPIKeys", (call) => {
      requireIamRights(call);
      const found = matching(call, keys.all(), { application_id: (each) => each.application_id });
      return ok(page(call, "api_keys", found.map(view)));
    }),
    route("GET", `${BASE}/{access_key}`, "iam.GetAPIKey", (call) => {
      requireIamRights(call);
      return ok(view(existing(param(call, "access_key"))));
    }),
    route("PATCH", `${BASE}/{access_key}`, "iam.UpdateAPIKey", (call) => {
      requireIamRights(call);
      const key = existing(param(call, "access_key"));
      const { description, default_project_id } = bodyOf(
        call,
        z.object({ description: optional(z.string()), default_project_id: optional(z.string()) }),
      );
      return ok(
        view(
          keys.put({
            ...key,
            description: description ?? key.description,
            default_project_id: default_project_id ?? key.default_project_id,
            ...touched(),
          }),
        ),
      );
    }),
    route("DELETE", `${BASE}/{access_key}`, "iam.DeleteAPIKey", (call) => {
      requireIamRights(call);
      keys.delete(existing(param(call, "access_key")).id);
      return noContent;
    }),
  ];
}

function view({ id, ...key }: ApiKey) {
  return { ...key, access_key: id, secret_key: null, editable: true, deletable: true, managed: false };
}

const ACCESS_KEY_ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

function newAccessKey(): string {
  return `SCW${Array.from({ length: 17 }, () => ACCESS_KEY_ALPHABET[randomInt(ACCESS_KEY_ALPHABET.length)]).join("")}`;
}
