import { setTimeout as sleep } from 'node:timers/promises'
import type { Config } from '../../config.ts'
import { exitCode } from '../../exit-code.ts'
import { lookMark } from '../../watch/compaction.ts'
import { renderStatus } from '../../watch/status-report.ts'
import { remember } from './memory.ts'
import { openScreen } from './screen.ts'
import type { Looked } from './status.ts'

type Order = { config: Config; stack: string; json: boolean; seconds: number }

/**
 * Looks again and again until somebody ends it, and keeps the screen up to date; what has changed goes into the history.
 * Resolves to 130, or to 0 where who read the output has gone.
 */
export async function keepUp(look: () => Promise<Looked>, order: Order): Promise<number> {
  const { config, stack, json, seconds } = order
  const isScreen = !json && (process.stdout.isTTY ?? false)
  const colour = process.stdout.hasColors?.() ?? false
  const ending = heedEnd()
  const screen = isScreen ? openScreen(process.stdout) : null
  let mark = ''
  try {
    while (ending.code === null) {
      const { status, entry } = await Promise.race([look(), ending.ended])
      // An ssh that Ctrl-C has reached too has seen nothing of Z2.
      if (ending.code !== null) break
      const isNew = lookMark(entry) !== mark
      mark = lookMark(entry)
      const text = renderStatus(status, colour)
      if (screen) screen.show(`${text}\n  every ${seconds} s · Ctrl-C ends it`)
      else if (json) process.stdout.write(`${JSON.stringify(status)}\n`)
      else if (isNew) process.stdout.write(`${text}\n`)
      if (isNew) remember(config, stack, entry)
      await sleep(seconds * 1000, undefined, { signal: ending.signal })
    }
  } catch (error) {
    if (ending.code === null) throw error
  } finally {
    screen?.close()
    ending.end()
  }
  return ending.code ?? exitCode.asWanted
}

type Ending = {
  /** what to end with; null as long as nobody has ended it */
  code: number | null
  signal: AbortSignal
  /** rejects when somebody ends it */
  ended: Promise<never>
  end(): void
}

/** Notices Ctrl-C, a closed terminal and a reader that has gone. */
function heedEnd(): Ending {
  const controller = new AbortController()
  const stop = (code: number): void => {
    ending.code ??= code
    controller.abort()
  }
  const interrupt = (): void => stop(exitCode.interrupted)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const gone = (error: NodeJS.ErrnoException): void => {
    if (error.code !== 'EPIPE' && error.code !== 'EIO') throw error
    stop(exitCode.asWanted)
  }
  for (const signal of signals) process.on(signal, interrupt)
  process.stdout.on('error', gone)
  const ending: Ending = {
    code: null,
    signal: controller.signal,
    ended: new Promise((_, reject) => {
      controller.signal.addEventListener('abort', () => reject(new Error('ended')), { once: true })
    }),
    end() {
      for (const signal of signals) process.off(signal, interrupt)
    },
  }
  // Whoever waits for it is told; nobody else need be.
  ending.ended.catch(() => undefined)
  return ending
}
