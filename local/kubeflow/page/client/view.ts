/** Values of attributes; true is an attribute without value, false and undefined are none. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/** What the browser calls on an event, by the event's name. */
export type Listeners = Readonly<Record<string, (event: Event) => void>>;

/**
 * Description of an element. All that the page shows comes from these: their texts become text nodes, so that nothing
 * in a name or a log is ever read as HTML.
 */
export interface View {
  readonly tag: string;
  readonly attributes: Attributes;
  readonly children: readonly (View | string)[];
  /** Tells siblings apart where their order or number changes. */
  readonly key?: string;
  readonly on?: Listeners;
}

export type Child = View | string | number | false | undefined | readonly Child[];

/** Describes an element; absent children are left out. */
export function h(tag: string, attributes: Attributes & { readonly key?: string }, ...children: Child[]): View {
  const { key, ...rest } = attributes;
  return { tag, attributes: rest, children: flat(children), ...(key !== undefined && { key }) };
}

/** The same element with listeners. */
export function listening(view: View, on: Listeners): View {
  return { ...view, on };
}

function flat(children: readonly Child[]): (View | string)[] {
  return children.flatMap((child): (View | string)[] => {
    if (child === false || child === undefined) return [];
    if (Array.isArray(child)) return flat(child as readonly Child[]);
    return [typeof child === "number" ? String(child) : (child as View | string)];
  });
}

/** All text of a view, in reading order. */
export function textOf(view: View | string): string {
  return typeof view === "string" ? view : view.children.map(textOf).join(" ");
}
