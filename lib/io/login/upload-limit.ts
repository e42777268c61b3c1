/** Something took longer than it may. The message is a clause. */
export class Late extends Error {
  override name = 'Late'
}

/** A limit that may be put off, for as long as a person is asked something. */
export type Limit = {
  /** the work, or Late */
  race<T>(work: Promise<T>): Promise<T>
  /** lets the rest of the time begin anew after this long */
  putOff(ms: number): void
  end(): void
}

/** @param says what Late says when the time is over */
export function startLimit(ms: number, says: string): Limit {
  let fail: (error: Error) => void
  const late = new Promise<never>((_, reject) => {
    fail = reject
  })
  // nobody may be waiting when it is over
  late.catch(() => undefined)
  let timer = setTimeout(() => fail(new Late(says)), ms)
  return {
    race: (work) => Promise.race([work, late]),
    putOff: (more) => {
      clearTimeout(timer)
      timer = setTimeout(() => fail(new Late(says)), more + ms)
    },
    end: () => clearTimeout(timer),
  }
}

/** The work, or Late after so many milliseconds. */
export async function within<T>(ms: number, says: string, work: Promise<T>): Promise<T> {
  const limit = startLimit(ms, says)
  return limit.race(work).finally(limit.end)
}
