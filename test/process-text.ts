import { readdirSync, readFileSync } from 'node:fs'

function textOf(path: string): string {
  try {
    return readFileSync(path, 'latin1')
  } catch {
    return '' // it has ended, or is not ours to read
  }
}

/** proc(5): the fields after the name, which stands in brackets and may hold any of them itself. */
const parentOf = (pid: number): number =>
  Number(textOf(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ')[1])

/** True for what another test file started, one that runs beside this one: it answers for itself. */
function isOfAnother(pid: number): boolean {
  for (let one = pid; one > 1; ) {
    const parent = parentOf(one)
    if (parent === process.ppid) return one !== process.pid
    one = parent
  }
  return false
}

/** Ids of all processes of this machine. */
const processIds = (): number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0)

/** Whose each process is; asked once for each, since looks come many times a second. */
let known = new Map<number, boolean>()

/** Ids of the processes of this machine, without those of other test files. */
export function ours(): number[] {
  const pids = processIds()
  known = new Map(pids.map((pid) => [pid, known.get(pid) ?? isOfAnother(pid)]))
  return pids.filter((pid) => !known.get(pid))
}

/** Arguments and environment of each process that may be read, one text each, byte for byte. */
export const processTexts = (pids: number[] = ours()): string[] =>
  pids.flatMap((pid) => [textOf(`/proc/${pid}/cmdline`), textOf(`/proc/${pid}/environ`)])
