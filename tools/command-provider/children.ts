import type { ChildProcess } from 'node:child_process'

const running = new Set<ChildProcess>()
let cancelled = false

// Time for ssh and for traps to tidy up before the group is ended for good.
const graceMs = 1000

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, signal)
  } catch (error) {
    // The group is gone already, which is what was wanted.
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

/** Remembers a child until it is done. False after a cancel: the child is ended at once. */
export function register(child: ChildProcess): boolean {
  running.add(child)
  child.once('close', () => running.delete(child))
  child.once('error', () => running.delete(child))
  if (cancelled) signalGroup(child, 'SIGKILL')
  return !cancelled
}

/** Ends every running command with all that it started, and lets no new one begin. */
export function cancelAll(): void {
  cancelled = true
  for (const child of running) signalGroup(child, 'SIGTERM')
  setTimeout(() => {
    for (const child of running) signalGroup(child, 'SIGKILL')
  }, graceMs).unref()
}

/** Ends every running command at once: for a provider whose engine is gone. */
export function killAll(): void {
  cancelled = true
  for (const child of running) signalGroup(child, 'SIGKILL')
}
