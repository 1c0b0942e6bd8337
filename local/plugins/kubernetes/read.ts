import { InitializationFailed, type ReadRequest, type ReadResult } from "../support/provider";
import { driftedInputs } from "./drift";
import { IMPORTED, inputsOfLive } from "./imported";
import { apiVersionOf, kindOfType } from "./kinds";
import { describe, fromManifest, identityOf, idOf, isAnnotated, parseId, plain, SKIP_AWAIT } from "./objects";
import { fieldManagerOf, INPUTS, outputsOf, withSecretsOf } from "./outputs";
import { judge } from "./readiness/readiness";
import type { Session } from "./session";
import type { PropertyMap } from "../support/values";

const GONE: ReadResult = { id: "", outputs: {} };

/** Reads an object: for a refresh (there is a state) with the inputs that drifted, else for an import or a `get`. */
export async function read(session: Session, request: ReadRequest): Promise<ReadResult> {
  const recorded = plain(request.outputs);
  const { name, namespace } = parseId(request.id);
  // An object moves on to newer versions of its group: the recorded version is the one to ask for.
  const { apiVersion = "", kind = "" } =
    identityOf(recorded).apiVersion === "" ? ofType(request) : identityOf(recorded);
  const path = await session.find({
    apiVersion,
    kind,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  });
  const live = path === undefined ? undefined : await session.client.find(path);
  if (!live) return GONE;
  return Object.keys(request.inputs).length === 0 ? readNew(request, live) : refresh(session, request, recorded, live);
}

function ofType({ type, inputs }: ReadRequest): { apiVersion: string; kind: string } {
  const { apiVersion, kind } = identityOf(plain(inputs));
  const fromType = kindOfType(type);
  return { apiVersion: apiVersion || apiVersionOf(fromType), kind: kind || fromType.kind };
}

function readNew(request: ReadRequest, live: PropertyMap): ReadResult {
  const inputs = withSecretsOf(inputsOfLive(fromManifest(live)), {});
  const outputs = outputsOf(live, inputs, fieldManagerOf(request.urn));
  return { id: idOf(live), outputs: { ...outputs, [IMPORTED]: true }, inputs };
}

async function refresh(
  session: Session,
  request: ReadRequest,
  recorded: PropertyMap,
  live: PropertyMap,
): Promise<ReadResult> {
  const known = plain(request.inputs);
  const drifted = driftedInputs(known, recorded, fromManifest(live));
  const inputs = drifted === known ? request.inputs : withSecretsOf(drifted, request.inputs);
  const outputs = outputsOf(live, inputs, fieldManagerOf(request.urn, recorded));
  const id = idOf(live);
  if (recorded[IMPORTED] === true)
    return { id, outputs: { ...outputs, [IMPORTED]: true, [INPUTS]: request.outputs[INPUTS]! }, inputs };
  const verdict = isAnnotated(live, SKIP_AWAIT) ? undefined : await judge(session, live);
  // Without this a refresh would forget that an object never became ready, and the next update would not look at it.
  if (verdict && verdict.state !== "ready") {
    throw new InitializationFailed(id, outputs, inputs, [`${describe(live)} is not ready: ${verdict.reason}`]);
  }
  return { id, outputs, inputs };
}
