import { z } from "zod";
import { type Platform, find, newborn, projectFor, touched, visible } from "../platform";
import { type Call, type Route, noContent, ok, param, route } from "../server/call";
import { breaksRule, preconditionFailed } from "../server/errors";
import { matching, page } from "../server/pagination";
import { bodyOf, optional, regionOf, resourceName, tags } from "../server/validation";
import type { Secret, Version } from "./records";

const BASE = "/secret-manager/v1beta1/regions/{region}/secrets";

const TYPES = ["opaque", "certificate", "key_value", "basic_credentials", "database_credentials", "ssh_key"] as const;

/** Secrets without their values. A deletion is soft: the secret stays readable and says when it was asked for. */
export function secretRoutes(platform: Platform): Route[] {
  const secrets = platform.store.collection<Secret>("secrets");
  const versions = platform.store.collection<Version>("secret-versions");
  const view = ({ last_revision: _last, ...secret }: Secret) => ({
    ...secret,
    status: "ready",
    version_count: versions.filter(({ secret_id }) => secret_id === secret.id).length,
    managed: false,
    used_by: [],
    key_id: null,
  });
  const existing = (call: Call): Secret => find(call, secrets, "secret", param(call, "id"));
  const setProtection = (call: Call, value: boolean) =>
    ok(view(secrets.put({ ...existing(call), protected: value, ...touched() })));

  return [
    route("POST", BASE, "secret.CreateSecret", (call) => {
      const body = bodyOf(
        call,
        z.object({
          project_id: optional(z.string()),
          name: resourceName,
          tags,
          description: optional(z.string()),
          type: optional(z.string()),
          path: optional(z.string()),
          protected: optional(z.boolean()),
          ephemeral_policy: z.unknown().optional(),
        }),
      );
      const type = body.type === undefined || body.type === "unknown_type" ? "opaque" : body.type;
      if (!(TYPES as readonly string[]).includes(type))
        throw breaksRule("type", `type "${type}" does not exist; use one of ${TYPES.join(", ")}`);
      const region = regionOf(call);
      const project_id = projectFor(call, platform, body.project_id);
      const path = body.path ?? "/";
      const taken = secrets.filter(
        (each) =>
          each.deletion_requested_at === null &&
          each.region === region &&
          each.project_id === project_id &&
          each.name === body.name &&
          each.path === path,
      );
      if (taken.length > 0) throw breaksRule("name", `a secret "${body.name}" exists already at path "${path}"`);
      return ok(
        view(
          secrets.put({
            ...newborn(),
            project_id,
            region,
            name: body.name,
            path,
            type,
            tags: body.tags ?? [],
            description: body.description ?? "",
            protected: body.protected ?? false,
            ephemeral_policy: body.ephemeral_policy ?? null,
            deletion_requested_at: null,
          }),
        ),
      );
    }),
    route("GET", BASE, "secret.ListSecrets", (call) => {
      regionOf(call);
      const present = visible(call, secrets.all()).filter(
        ({ deletion_requested_at }) => deletion_requested_at === null,
      );
      const found = matching(call, present, { name: (each) => each.name, path: (each) => each.path });
      return ok(page(call, "secrets", found.map(view)));
    }),
    route("GET", `${BASE}/{id}`, "secret.GetSecret", (call) => ok(view(existing(call)))),
    route("PATCH", `${BASE}/{id}`, "secret.UpdateSecret", (call) => {
      const secret = existing(call);
      const body = bodyOf(
        call,
        z.object({
          name: optional(resourceName),
          tags,
          description: optional(z.string()),
          path: optional(z.string()),
          ephemeral_policy: z.unknown().optional(),
        }),
      );
      return ok(
        view(
          secrets.put({
            ...secret,
            name: body.name ?? secret.name,
            tags: body.tags ?? secret.tags,
            description: body.description ?? secret.description,
            path: body.path ?? secret.path,
            ephemeral_policy: body.ephemeral_policy ?? secret.ephemeral_policy,
            ...touched(),
          }),
        ),
      );
    }),
    route("POST", `${BASE}/{id}/protect`, "secret.ProtectSecret", (call) => setProtection(call, true)),
    route("POST", `${BASE}/{id}/unprotect`, "secret.UnprotectSecret", (call) => setProtection(call, false)),
    route("DELETE", `${BASE}/{id}`, "secret.DeleteSecret", (call) => {
      const secret = existing(call);
      if (secret.protected)
        throw preconditionFailed("protected_resource", `secret "${secret.name}" is protected; unprotect it first`);
      for (const version of versions.filter(({ secret_id }) => secret_id === secret.id)) versions.delete(version.id);
      secrets.put({ ...secret, deletion_requested_at: new Date().toISOString(), ...touched() });
      return noContent;
    }),
  ];
}
