import { Metadata, status, type handleUnaryCall, type ServiceError } from "@grpc/grpc-js";
import { Empty } from "google-protobuf/google/protobuf/empty_pb";
import { Any } from "google-protobuf/google/protobuf/any_pb";
import { PluginInfo } from "@pulumi/pulumi/proto/plugin_pb";
import * as pb from "@pulumi/pulumi/proto/provider_pb";
import { Status } from "@pulumi/pulumi/proto/status_pb";
import { InitializationFailed, type CheckFailure, type CheckRequest, type CheckResult } from "./provider";
import type { DiffKind, DiffRequest, DiffResult, ResourceProvider } from "./provider";
import { fromStruct, toStruct } from "./values";

type Method<Request, Response> = handleUnaryCall<Request, Response>;

/**
 * The calls of `pulumirpc.ResourceProvider`, answered by a provider in plain values.
 *
 * @param flush delivers what was logged: awaited before each answer, because the engine may end a plugin right after it
 */
export function providerMethods(version: string, provider: ResourceProvider, flush: () => Promise<void>) {
  const unary = answerWith(flush);
  return {
    handshake: unary((_: pb.ProviderHandshakeRequest) => {
      const response = new pb.ProviderHandshakeResponse();
      response.setAcceptSecrets(true);
      response.setAcceptResources(false);
      response.setAcceptOutputs(false);
      response.setSupportsAutonamingConfiguration(true);
      return Promise.resolve(response);
    }),
    getPluginInfo: unary((_: Empty) => {
      const response = new PluginInfo();
      response.setVersion(version);
      return Promise.resolve(response);
    }),
    attach: unary((_: unknown) => Promise.resolve(new Empty())),
    checkConfig: unary(async (request: pb.CheckRequest) => {
      const news = fromStruct(request.getNews());
      return checkResponse((await provider.checkConfig?.(checkRequest(request))) ?? { inputs: news });
    }),
    diffConfig: unary(async (request: pb.DiffRequest) =>
      diffResponse((await provider.diffConfig?.(diffRequest(request))) ?? { changes: {} }),
    ),
    configure: unary(async (request: pb.ConfigureRequest) => {
      await provider.configure(fromStruct(request.getArgs()));
      const response = new pb.ConfigureResponse();
      response.setAcceptsecrets(true);
      response.setSupportspreview(true);
      response.setAcceptresources(false);
      response.setAcceptoutputs(false);
      response.setSupportsAutonamingConfiguration(true);
      return response;
    }),
    check: unary(async (request: pb.CheckRequest) => checkResponse(await provider.check(checkRequest(request)))),
    diff: unary(async (request: pb.DiffRequest) => diffResponse(await provider.diff(diffRequest(request)))),
    create: unary((request: pb.CreateRequest) => create(provider, request)),
    read: unary((request: pb.ReadRequest) => read(provider, request)),
    update: unary((request: pb.UpdateRequest) => update(provider, request)),
    delete: unary((request: pb.DeleteRequest) => remove(provider, request)),
    invoke: unary((request: pb.InvokeRequest) => invoke(provider, request)),
    cancel: unary((_: Empty) => {
      provider.cancel?.();
      return Promise.resolve(new Empty());
    }),
  };
}

async function create(provider: ResourceProvider, request: pb.CreateRequest): Promise<pb.CreateResponse> {
  const { id, outputs } = await provider.create({
    ...identity(request),
    inputs: fromStruct(request.getProperties()),
    timeoutSeconds: request.getTimeout(),
    preview: request.getPreview(),
  });
  const response = new pb.CreateResponse();
  response.setId(id);
  response.setProperties(toStruct(outputs));
  return response;
}

async function read(provider: ResourceProvider, request: pb.ReadRequest): Promise<pb.ReadResponse> {
  const result = await provider.read({
    ...identity(request),
    id: request.getId(),
    outputs: fromStruct(request.getProperties()),
    inputs: fromStruct(request.getInputs()),
  });
  const response = new pb.ReadResponse();
  response.setId(result.id);
  if (result.id === "") return response;
  response.setProperties(toStruct(result.outputs));
  const inputs = result.inputs ? toStruct(result.inputs) : request.getInputs();
  if (inputs) response.setInputs(inputs);
  return response;
}

async function update(provider: ResourceProvider, request: pb.UpdateRequest): Promise<pb.UpdateResponse> {
  const { outputs } = await provider.update({
    ...identity(request),
    id: request.getId(),
    oldOutputs: fromStruct(request.getOlds()),
    oldInputs: fromStruct(request.getOldInputs()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
    timeoutSeconds: request.getTimeout(),
    preview: request.getPreview(),
  });
  const response = new pb.UpdateResponse();
  response.setProperties(toStruct(outputs));
  return response;
}

async function remove(provider: ResourceProvider, request: pb.DeleteRequest): Promise<Empty> {
  await provider.delete({
    ...identity(request),
    id: request.getId(),
    outputs: fromStruct(request.getProperties()),
    inputs: fromStruct(request.getOldInputs()),
    timeoutSeconds: request.getTimeout(),
  });
  return new Empty();
}

async function invoke(provider: ResourceProvider, request: pb.InvokeRequest): Promise<pb.InvokeResponse> {
  const token = request.getTok();
  if (!provider.invoke) throw new Error(`This stand-in plugin has no function "${token}".`);
  const { result, failures = [] } = await provider.invoke(token, fromStruct(request.getArgs()));
  const response = new pb.InvokeResponse();
  response.setReturn(toStruct(result));
  response.setFailuresList(failures.map(checkFailure));
  return response;
}

function identity(request: { getUrn(): string; getType(): string; getName(): string }) {
  return { urn: request.getUrn(), type: request.getType(), name: request.getName() };
}

function checkRequest(request: pb.CheckRequest): CheckRequest {
  const autonaming = request.getAutonaming();
  const { PROPOSE, ENFORCE } = pb.CheckRequest.AutonamingOptions.Mode;
  const mode = autonaming?.getMode();
  return {
    ...identity(request),
    olds: fromStruct(request.getOlds()),
    news: fromStruct(request.getNews()),
    randomSeed: request.getRandomseed() as Uint8Array,
    autonaming: autonaming && {
      proposedName: autonaming.getProposedName(),
      mode: mode === PROPOSE ? "propose" : mode === ENFORCE ? "enforce" : "disable",
    },
  };
}

function checkResponse({ inputs, failures = [] }: CheckResult): pb.CheckResponse {
  const response = new pb.CheckResponse();
  response.setInputs(toStruct(inputs));
  response.setFailuresList(failures.map(checkFailure));
  return response;
}

function checkFailure({ property, reason }: CheckFailure): pb.CheckFailure {
  const failure = new pb.CheckFailure();
  failure.setProperty(property);
  failure.setReason(reason);
  return failure;
}

function diffRequest(request: pb.DiffRequest): DiffRequest {
  return {
    ...identity(request),
    id: request.getId(),
    oldOutputs: fromStruct(request.getOlds()),
    oldInputs: fromStruct(request.getOldInputs()),
    news: fromStruct(request.getNews()),
    ignoreChanges: request.getIgnorechangesList(),
  };
}

function diffResponse({ changes, deleteBeforeReplace = false, stables = [] }: DiffResult): pb.DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = pb.DiffResponse.DiffChanges;
  const kinds: Readonly<Record<DiffKind, pb.PropertyDiff.Kind>> = {
    add: pb.PropertyDiff.Kind.ADD,
    "add-replace": pb.PropertyDiff.Kind.ADD_REPLACE,
    delete: pb.PropertyDiff.Kind.DELETE,
    "delete-replace": pb.PropertyDiff.Kind.DELETE_REPLACE,
    update: pb.PropertyDiff.Kind.UPDATE,
    "update-replace": pb.PropertyDiff.Kind.UPDATE_REPLACE,
  };
  const response = new pb.DiffResponse();
  const entries = Object.entries(changes);
  response.setChanges(entries.length === 0 ? DIFF_NONE : DIFF_SOME);
  response.setHasdetaileddiff(entries.length > 0);
  for (const [path, { kind, inputDiff = false }] of entries) {
    const diff = new pb.PropertyDiff();
    diff.setKind(kinds[kind]);
    diff.setInputdiff(inputDiff);
    response.getDetaileddiffMap().set(path, diff);
  }
  response.setDiffsList([...new Set(entries.map(([path]) => topLevelKey(path)))]);
  response.setReplacesList(entries.filter(([, { kind }]) => kind.endsWith("-replace")).map(([path]) => path));
  response.setDeletebeforereplace(deleteBeforeReplace);
  response.setStablesList([...stables]);
  return response;
}

/** `tags` of `tags[0].name`; a quoted first step such as `["a.b"].c` is `a.b`. */
function topLevelKey(path: string): string {
  const quoted = /^\["((?:[^"\\]|\\.)*)"\]/.exec(path);
  return quoted ? quoted[1]! : path.split(/[.[]/, 1)[0]!;
}

/** Answers calls by promises; what they throw becomes the error that the engine shows. */
function answerWith(flush: () => Promise<void>) {
  return <Request, Response>(answer: (request: Request) => Promise<Response>): Method<Request, Response> =>
    (call, callback) => {
      // A provider may throw before it returns a promise.
      const settled = Promise.resolve(call.request).then(answer).finally(flush);
      settled.then(
        (response) => callback(null, response),
        (error: unknown) => callback(serviceError(error)),
      );
    };
}

function serviceError(error: unknown): Partial<ServiceError> {
  if (error instanceof InitializationFailed) return initializationError(error);
  const details = error instanceof Error ? error.message : String(error);
  return { code: status.UNKNOWN, details };
}

function initializationError(error: InitializationFailed): Partial<ServiceError> {
  const detail = new pb.ErrorResourceInitFailed();
  detail.setId(error.id);
  detail.setProperties(toStruct(error.outputs));
  detail.setInputs(toStruct(error.inputs));
  detail.setReasonsList([...error.reasons]);
  const packed = new Any();
  packed.pack(detail.serializeBinary(), "pulumirpc.ErrorResourceInitFailed");
  const body = new Status();
  body.setCode(status.UNKNOWN);
  body.setMessage(error.message);
  body.addDetails(packed);
  const metadata = new Metadata();
  metadata.add("grpc-status-details-bin", Buffer.from(body.serializeBinary()));
  return { code: status.UNKNOWN, details: error.message, metadata };
}
