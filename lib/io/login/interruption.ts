/** Somebody pressed Ctrl-C, closed the terminal or asked the process to end; what was begun has been put in order. */
export class Interrupted extends Error {
  override name = 'Interrupted'
}

export type Interruption = {
  raised(): boolean
  raise(): void
  /** the result of `work`, or a rejection with Interrupted as soon as somebody interrupts */
  or<T>(work: Promise<T>): Promise<T>
  /** throws Interrupted when somebody has interrupted: called at the boundary of each step */
  check(): void
  end(): void
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/**
 * From now on the three signals do not end the process: they are noticed between two steps and while something is being
 * waited for, never between the bank's reply and the disk. A third one in a row ends the process all the same, since
 * every instant is one that the next run can carry on from.
 */
export function heedInterruption(told: () => void): Interruption {
  let count = 0
  const waiting = new Set<() => void>()
  const raise = (): void => {
    count += 1
    if (count === 1) told()
    if (count > 2) process.exit(130)
    for (const reject of waiting) reject()
  }
  for (const signal of signals) process.on(signal, raise)
  return {
    raised: () => count > 0,
    raise,
    check() {
      if (count > 0) throw new Interrupted()
    },
    or: (work) =>
      new Promise((resolve, reject) => {
        const stop = (): void => reject(new Interrupted())
        waiting.add(stop)
        if (count > 0) stop()
        work.then(resolve, reject).finally(() => waiting.delete(stop))
      }),
    end() {
      for (const signal of signals) process.off(signal, raise)
    },
  }
}
