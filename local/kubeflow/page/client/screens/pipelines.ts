import type { PipelineVersionMessage } from "../../../api/messages";
import { specOf } from "../api";
import { json } from "../format";
import { drawing } from "../graph/draw";
import { graphOf } from "../graph/graph";
import { parametersOf } from "../parameters";
import { facts, heading, link, nothing, section, table, time } from "../parts/common";
import { addressOf } from "../route";
import type { Load, Page } from "../screen";
import { type Child, h, type View } from "../view";

/** All pipelines. */
export function pipelinesScreen(page: Page): Load {
  return async () => {
    const pipelines = await page.api.pipelines();
    const rows = pipelines.map(({ pipeline_id: pipeline, display_name, name, description, created_at }) => ({
      key: pipeline,
      cells: [
        link(addressOf({ at: "pipeline", pipeline }), display_name),
        name,
        description ?? "–",
        time(created_at),
        link(addressOf({ at: "runs", filter: { pipeline } }), `Runs of ${display_name}`),
      ],
    }));
    const body = () => [
      heading("h1", "Pipelines"),
      rows.length === 0
        ? nothing("There is no pipeline yet. Upload one with the Kubeflow client, or apply its custom resources.")
        : table("Pipelines", ["Pipeline", "Name", "Description", "Created", "Runs"], rows),
    ];
    return { title: "Pipelines", live: false, body };
  };
}

/** A pipeline, its versions, and the graph of one of them: the newest, unless the address names another. */
export function pipelineScreen(page: Page, pipelineId: string, versionId: string | undefined): Load {
  return async () => {
    const [pipeline, versions] = await Promise.all([page.api.pipeline(pipelineId), page.api.versions(pipelineId)]);
    const shown =
      versionId === undefined ? versions[0] : versions.find((version) => version.pipeline_version_id === versionId);
    const gone = versionId !== undefined && !shown;
    const body = (): Child[] => [
      heading("h1", pipeline.display_name),
      facts([
        ["Name", pipeline.name],
        ["Description", pipeline.description],
        ["Created", time(pipeline.created_at)],
        ["Runs", link(addressOf({ at: "runs", filter: { pipeline: pipelineId } }), "Runs of this pipeline")],
      ]),
      section("Versions", versionsTable(versions, pipelineId, shown)),
      gone && nothing("The version that the address names is no longer there."),
      shown && versionView(shown),
    ];
    return { title: pipeline.display_name, live: false, body };
  };
}

function versionsTable(
  versions: readonly PipelineVersionMessage[],
  pipeline: string,
  shown: PipelineVersionMessage | undefined,
): View {
  const rows = versions.map((version) => ({
    key: version.pipeline_version_id,
    look: version === shown ? "chosen" : undefined,
    cells: [
      h(
        "a",
        {
          href: addressOf({ at: "pipeline", pipeline, version: version.pipeline_version_id }),
          "aria-current": version === shown && "true",
        },
        version.display_name,
      ),
      version.description ?? "–",
      time(version.created_at),
    ],
  }));
  return rows.length === 0
    ? nothing("It has no version.")
    : table("Versions", ["Version", "Description", "Created"], rows);
}

function versionView(version: PipelineVersionMessage): View {
  const spec = specOf(version.pipeline_spec);
  const graph = graphOf(spec);
  const parameters = parametersOf(spec).map(({ name, type, description, defaultValue }) => ({
    key: name,
    cells: [
      name,
      type,
      defaultValue === undefined ? "–" : h("code", { class: "value" }, json(defaultValue)),
      description ?? "–",
    ],
  }));
  return section(
    `Version ${version.display_name}`,
    graph.nodes.length === 0
      ? nothing("This pipeline has no step.")
      : drawing(graph, { label: `Graph of ${version.display_name}`, states: false, addressOf: () => undefined }),
    parameters.length > 0 && table("Parameters", ["Parameter", "Type", "Default", "Description"], parameters),
  );
}
