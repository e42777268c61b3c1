/** What one subject took, in milliseconds, in the order in which it was measured. */
export type Sample = { name: string; times: number[] }

const sorted = ({ times }: Sample): number[] => [...times].sort((a, b) => a - b)

/** Milliseconds; of an even number of times the mean of the two in the middle. */
export function median(sample: Sample): number {
  const times = sorted(sample)
  const at = times.length / 2
  return ((times[Math.ceil(at) - 1] ?? 0) + (times[Math.floor(at)] ?? 0)) / 2
}

/** The quickest and the slowest, milliseconds. */
export const spread = (sample: Sample): [number, number] => {
  const times = sorted(sample)
  return [times[0] ?? 0, times.at(-1) ?? 0]
}

/** How many times as long as `other` it took, by the medians. */
export const ratio = (sample: Sample, other: Sample): number => median(sample) / median(other)

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`
export const times = (factor: number): string => `${factor.toFixed(1)} ×`
