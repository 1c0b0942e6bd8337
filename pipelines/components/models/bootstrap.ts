/** Mean of a sample and the interval in which it lies with 95 %, by drawing the sample anew. */
export interface Interval {
  readonly mean: number;
  readonly lower: number;
  readonly upper: number;
  /** Values in the sample. */
  readonly count: number;
}

const DRAWS = 1000;
const SEED = 20_240_607;

/** Bootstrap interval (2.5 % to 97.5 %) of the mean; the same for the same values, in whatever process. */
export function meanInterval(values: readonly number[], draws = DRAWS, seed = SEED): Interval {
  const count = values.length;
  if (count === 0) throw new RangeError("A mean takes at least one value.");
  const sample = Float64Array.from(values);
  const random = mulberry32(seed);
  const means = new Float64Array(draws);
  for (let draw = 0; draw < draws; draw++) {
    let sum = 0;
    for (let at = 0; at < count; at++) sum += sample[Math.floor(random() * count)]!;
    means[draw] = sum / count;
  }
  means.sort();
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  return { mean, lower: quantile(means, 0.025), upper: quantile(means, 0.975), count };
}

/** Linear between neighbours, as NumPy does it. */
function quantile(sorted: Float64Array, share: number): number {
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  return below + (sorted[Math.ceil(place)]! - below) * (place % 1);
}

/** A generator of numbers from 0 to below 1 with 32 bits of state: Tommy Ettinger's, in the public domain. */
function mulberry32(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
