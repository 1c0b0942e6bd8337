import type { Faults } from "./faults";
import type { ImporterComponent } from "./pipeline";
import type { ImporterSpec } from "./pipeline-spec";
import type { Face } from "./read-interface";

/** A component that names an object that is there already. */
export function readImporter(face: Face, importer: ImporterSpec, path: string, faults: Faults): ImporterComponent {
  const { constant, constantValue, runtimeParameter } = importer.artifactUri;
  const uri = constant ?? constantValue?.stringValue;
  if ((uri === undefined) === (runtimeParameter === undefined))
    faults.add(`${path}.importer.artifactUri`, "must have either a constant or a runtimeParameter");
  if (uri !== undefined && (typeof uri !== "string" || !uri.includes("{{$")))
    if (typeof uri !== "string" || !/^s3:\/\/[^/]+\/.+/.test(uri))
      faults.add(`${path}.importer.artifactUri.constant`, `${JSON.stringify(uri)} must be s3://<bucket>/<key>`);
  if (runtimeParameter !== undefined && face.parameters[runtimeParameter]?.type !== "STRING")
    faults.add(
      `${path}.importer.artifactUri.runtimeParameter`,
      `"${runtimeParameter}" is not a STRING input of component "${face.name}"`,
    );
  if (Object.keys(face.outputArtifacts).length !== 1 || Object.keys(face.outputParameters).length > 0)
    faults.add(path, `component "${face.name}" of an importer must have one output, an artifact`);
  return { ...face, kind: "importer", importer };
}
