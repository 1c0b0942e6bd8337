import type { ArtifactMessage, ArtifactPreviewMessage } from "../../../api/messages";
import { documentAddress, downloadAddress } from "../api";
import { bytes, shortened } from "../format";
import type { Page } from "../screen";
import { type Child, h, type View } from "../view";
import { button, table, valuesTable } from "./common";
import { markdown } from "./markdown";
import { shownMetadata } from "./metrics";

/** Preview that was asked for: of an artifact, or of one file of its directory. */
interface Asked {
  readonly path?: string;
  /** Absent while it is on its way. */
  readonly preview?: ArtifactPreviewMessage;
  readonly fault?: string;
}

/** Artifacts of a task, with previews on demand. */
export class ArtifactViewer {
  private readonly asked = new Map<string, Asked>();

  constructor(private readonly page: Page) {}

  view(caption: string, artifacts: Readonly<Record<string, readonly ArtifactMessage[]>>): View {
    const all = Object.entries(artifacts).flatMap(([name, list]) =>
      list.map((artifact, index) => ({ name: list.length > 1 ? `${name} ${index + 1}` : name, artifact })),
    );
    const rows = all.map(({ name, artifact }) => ({
      key: `${name} ${artifact.artifact_id}`,
      cells: [
        [name, h("code", { class: "uri" }, artifact.uri || "nowhere")],
        artifact.type.replace(/^system\./, ""),
        this.buttons(name, artifact),
      ],
    }));
    const previews = all.map(({ name, artifact }) => this.preview(name, artifact));
    return h("div", { key: caption }, table(caption, ["Name and address", "Type", "Content"], rows), previews);
  }

  private buttons(name: string, artifact: ArtifactMessage): View {
    const { artifact_id: id, uri } = artifact;
    const open = this.asked.has(id);
    const press = () => {
      if (open) this.asked.delete(id);
      else this.ask(id, undefined);
      this.page.redraw();
    };
    return h(
      "div",
      { class: "actions" },
      button(open ? "Hide" : "Preview", press, { "aria-label": `${open ? "Hide" : "Preview"} ${name}` }),
      // What lies outside the object storage is named only: a step may have put any address there.
      uri.startsWith("s3://") &&
        h("a", { href: downloadAddress(id, undefined), download: "", "aria-label": `Download ${name}` }, "Download"),
    );
  }

  private preview(name: string, artifact: ArtifactMessage): Child {
    const asked = this.asked.get(artifact.artifact_id);
    if (!asked) return undefined;
    const metadata = shownMetadata(artifact);
    return h(
      "div",
      {
        class: "preview",
        key: `preview-${name}-${artifact.artifact_id}`,
        role: "region",
        "aria-label": `Preview of ${name}`,
      },
      Object.keys(metadata).length > 0 && valuesTable(`Metadata of ${name}`, metadata),
      asked.fault !== undefined && h("p", { class: "failure", key: "fault" }, asked.fault),
      asked.fault === undefined && !asked.preview && h("p", { key: "wait" }, "Loading…"),
      asked.preview && this.content(name, artifact, asked.preview),
    );
  }

  private content(name: string, artifact: ArtifactMessage, preview: ArtifactPreviewMessage): Child[] {
    const { entries, path, text, truncated, binary } = preview;
    const isDirectory = entries.length > 1 || (entries[0] !== undefined && entries[0].path !== "");
    return [
      entries.length === 0 && h("p", { key: "none" }, "Nothing was written there."),
      isDirectory && this.files(name, artifact, entries),
      path !== undefined && h("p", { key: "path" }, path === "" ? "" : `${path}: `, size(entries, path)),
      binary === true && h("p", { key: "binary" }, "It is no text; download it to see it."),
      text !== undefined && this.text(name, artifact, text, path),
      truncated === true && h("p", { key: "more" }, "There is more; download it to see all."),
    ];
  }

  private text(name: string, { artifact_id: id, type }: ArtifactMessage, text: string, path?: string): View {
    if (type === "system.HTML")
      // Sandboxed without any allowance: no script, no form, no origin of ours; its own policy keeps it off the network.
      return h("iframe", {
        key: "frame",
        sandbox: "",
        src: documentAddress(id, path || undefined),
        title: `${name}, as a document`,
      });
    if (type === "system.Markdown") return h("div", { key: "markdown", class: "document" }, markdown(text));
    return h("pre", { key: "text", class: "log", tabindex: 0, "aria-label": `Content of ${name}` }, text);
  }

  private files(name: string, { artifact_id: id }: ArtifactMessage, entries: ArtifactPreviewMessage["entries"]): View {
    const rows = entries.map(({ path, bytes: size }) => ({
      key: path,
      cells: [
        path,
        bytes(size),
        h(
          "div",
          { class: "actions" },
          button(
            "Show",
            () => {
              this.ask(id, path);
              this.page.redraw();
            },
            { "aria-label": `Show ${shortened(path, 80)}` },
          ),
          h("a", { href: downloadAddress(id, path), download: "", "aria-label": `Download ${path}` }, "Download"),
        ),
      ],
    }));
    return table(`Files of ${name}`, ["File", "Size", "Content"], rows);
  }

  private ask(id: string, path: string | undefined): void {
    const asked: Asked = { path };
    this.asked.set(id, asked);
    const settle = (result: Partial<Asked>): void => {
      if (this.asked.get(id) !== asked) return; // hidden, or another file asked for meanwhile
      this.asked.set(id, { ...asked, ...result });
      this.page.redraw();
    };
    this.page.api.artifactPreview(id, path).then(
      (preview) => settle({ preview }),
      (error: unknown) => settle({ fault: (error as Error).message }),
    );
  }
}

function size(entries: ArtifactPreviewMessage["entries"], path: string): string {
  const entry = entries.find((candidate) => candidate.path === path);
  return entry ? bytes(entry.bytes) : "";
}
