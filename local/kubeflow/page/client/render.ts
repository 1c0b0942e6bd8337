import type { Listeners, View } from "./view";

const SVG = "http://www.w3.org/2000/svg";

/** Attributes whose property goes its own way once the user has touched the element. */
const LIVE_PROPERTIES = new Set(["checked", "selected", "value"]);

/** What an element was made from. */
const made = new WeakMap<Node, View>();
const listeners = new WeakMap<Node, Listeners>();

/**
 * Makes the children of an element those that the views describe. What is already there and still wanted stays the
 * same node, so that focus, selection, scroll position and open details survive a poll.
 */
export function render(parent: Element, views: readonly (View | string)[]): void {
  const keyed = new Map<string, ChildNode>();
  for (const node of parent.childNodes) {
    const key = made.get(node)?.key;
    if (key !== undefined) keyed.set(key, node);
  }
  let cursor = parent.firstChild;
  for (const view of views) {
    // What has a key of its own is not reused for another, but waits for its turn or for its end.
    while (cursor && !fits(cursor, view) && isGone(cursor, views)) {
      const next: ChildNode | null = cursor.nextSibling;
      cursor.remove();
      cursor = next;
    }
    const own = typeof view === "string" || view.key === undefined ? undefined : keyed.get(view.key);
    const found = own && fits(own, view) ? own : cursor && fits(cursor, view) ? cursor : undefined;
    const node = found ?? create(parent, view);
    if (found === cursor && cursor) cursor = cursor.nextSibling;
    else parent.insertBefore(node, cursor);
    update(node, view);
  }
  while (cursor) {
    const next: ChildNode | null = cursor.nextSibling;
    cursor.remove();
    cursor = next;
  }
}

function fits(node: Node, view: View | string): boolean {
  const from = made.get(node);
  if (typeof view === "string") return node.nodeType === Node.TEXT_NODE;
  return from !== undefined && from.tag === view.tag && from.key === view.key;
}

/** Whether no view wants the node any more: one with a key that is not among them. */
function isGone(node: Node, views: readonly (View | string)[]): boolean {
  const key = made.get(node)?.key;
  return key !== undefined && !views.some((view) => typeof view !== "string" && view.key === key);
}

function create(parent: Element, view: View | string): ChildNode {
  if (typeof view === "string") return document.createTextNode("");
  const inSvg = view.tag === "svg" || (parent.namespaceURI === SVG && parent.tagName !== "foreignObject");
  return inSvg ? document.createElementNS(SVG, view.tag) : document.createElement(view.tag);
}

function update(node: ChildNode, view: View | string): void {
  if (typeof view === "string") return updateText(node as Text, view);
  const element = node as Element;
  const before = made.get(element);
  for (const name of Object.keys(before?.attributes ?? {}))
    if (!isSet(view.attributes[name])) element.removeAttribute(name);
  for (const [name, value] of Object.entries(view.attributes)) {
    if (isSet(value) && before?.attributes[name] !== value)
      element.setAttribute(name, value === true ? "" : String(value));
    if (LIVE_PROPERTIES.has(name)) Object.assign(element, { [name]: value ?? false });
  }
  updateListeners(element, view.on ?? {});
  made.set(element, view);
  render(element, view.children);
}

const isSet = (value: unknown): boolean => value !== undefined && value !== false;

/** A log that grew keeps what is selected in it. */
function updateText(node: Text, text: string): void {
  if (node.data === text) return;
  if (text.startsWith(node.data)) node.appendData(text.slice(node.data.length));
  else node.data = text;
}

/** One listener per event stays; which function it calls is looked up when the event comes. */
function updateListeners(element: Element, wanted: Listeners): void {
  const known = listeners.get(element) ?? {};
  listeners.set(element, wanted);
  for (const name of Object.keys(wanted)) {
    if (name in known) continue;
    element.addEventListener(name, (event) => listeners.get(element)?.[name]?.(event));
  }
}
