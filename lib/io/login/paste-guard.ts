import { spawn, spawnSync } from 'node:child_process'

// Node gives the terminal back when it ends in any way that it notices. A kill -9 it does not: without this, the shell's
// next commands would run in a terminal that shows nothing of what is typed.

/** Ends with the first line on its input, as it should; at the end of the input, we are gone. */
const script = `trap '' INT QUIT TERM HUP TTOU; read -r over || stty "$1" <&3`

/**
 * From now on a small process gives the terminal of standard input back as it is now, should this one vanish. To be called
 * before the terminal is changed. Where there is no `stty` there is no guard.
 */
export function guardTerminal(): { dismiss(): void } {
  const before = spawnSync('stty', ['-g'], { stdio: ['inherit', 'pipe', 'ignore'], encoding: 'utf8' })
  if (before.status !== 0) return { dismiss: () => undefined }
  const guard = spawn('sh', ['-c', script, 'sh', before.stdout.trim()], {
    stdio: ['pipe', 'ignore', 'ignore', process.stdin.fd],
  })
  const { stdin } = guard
  // Whatever happens to the guard, the login goes on without it.
  guard.on('error', () => undefined)
  stdin?.on('error', () => undefined)
  guard.unref()
  return { dismiss: () => stdin?.end('\n') }
}
