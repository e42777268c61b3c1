import type { Sample } from './sample.ts'

/** What takes part: `before` is not timed, `run` answers with the milliseconds that it took. */
export type Subject = { name: string; before?: () => Promise<void>; run: () => Promise<number> }

/**
 * Every subject in every round, each round beginning with another one: what the machine does meanwhile falls on all of
 * them alike. One sample a subject, in the order of the subjects.
 */
export async function takeTurns(rounds: number, subjects: Subject[]): Promise<Sample[]> {
  const samples = subjects.map(({ name }): Sample => ({ name, times: [] }))
  for (let round = 0; round < rounds; round++) {
    for (let turn = 0; turn < subjects.length; turn++) {
      const at = (round + turn) % subjects.length
      const subject = subjects[at] as Subject
      await subject.before?.()
      samples[at]?.times.push(await subject.run())
    }
  }
  return samples
}
