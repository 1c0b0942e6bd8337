/** Lets requests be answered in the middle of long work. */
export function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Calls `work` for each position from 0 to below `count`, with a breath after every `slice` of them. */
export async function inSlices(count: number, slice: number, work: (position: number) => void): Promise<void> {
  for (let start = 0; start < count; start += slice) {
    for (let position = start; position < Math.min(start + slice, count); position++) work(position);
    await breath();
  }
}
