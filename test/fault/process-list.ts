import { ours, processTexts } from '../process-text.ts'
import { leaks } from './needle.ts'

/** A process that was read so often is read now and then only: it seldom becomes another program, and there are many. */
const settled = 5
const nowAndThen = 10

/** Arguments and environments of processes, looked through again and again until `stop`. */
export function watchProcesses(): { stop(): { looks: number; leaks: string[] } } {
  const found = new Set<string>()
  /** how often each that runs was read */
  let known = new Map<number, number>()
  let looks = 0
  const isDue = (pid: number): boolean => {
    const times = known.get(pid) ?? 0
    return times < settled || looks % nowAndThen === 0
  }
  const look = (): void => {
    const pids = ours()
    known = new Map(pids.map((pid) => [pid, known.get(pid) ?? 0]))
    const due = pids.filter(isDue)
    for (const text of processTexts(due))
      if (leaks(text).length > 0) found.add(text.slice(0, 200).replaceAll('\0', ' '))
    for (const pid of due) known.set(pid, (known.get(pid) ?? 0) + 1)
    looks += 1
  }
  const timer = setInterval(look, 60)
  return {
    stop: () => {
      clearInterval(timer)
      return { looks, leaks: [...found] }
    },
  }
}
