import { XMLValidator } from "fast-xml-parser";

const HEADER = '<?xml version="1.0" encoding="UTF-8"?>\n';
const NAMESPACE = 'xmlns="http://s3.amazonaws.com/doc/2006-03-01/"';

/** Nested elements as pairs of name and content, where the content is text or more elements. */
export type Element = readonly [name: string, content: string | readonly Element[]];

export function document(name: string, children: readonly Element[]): string {
  return `${HEADER}<${name} ${NAMESPACE}>${children.map(render).join("")}</${name}>`;
}

function render([name, content]: Element): string {
  return `<${name}>${typeof content === "string" ? escapeText(content) : content.map(render).join("")}</${name}>`;
}

const escapeText = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

/** Whether a text is well-formed XML whose outermost element has this name. */
export function isDocument(text: string, root: string): boolean {
  return XMLValidator.validate(text) === true && new RegExp(`^\\s*(<\\?xml[^>]*\\?>\\s*)?<${root}[\\s>/]`).test(text);
}
