// Progress goes to standard error: one line that is redrawn on a terminal, a plain line now and then elsewhere.

/** Shows that something is going on. Work that takes less than half a second is not worth a line. */
export type Progress = {
  /** runs `work` and shows `what` with the time it has taken; `detail` replaces the words behind it */
  during<T>(what: string, work: (detail: (text: string) => void) => Promise<T>): Promise<T>
}

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const quietMs = 500
const frameMs = 120
const plainMs = 15_000

/** `0:38`, `12:05`: minutes and seconds. */
export const elapsed = (ms: number): string =>
  `${Math.floor(ms / 60_000)}:${String(Math.floor(ms / 1000) % 60).padStart(2, '0')}`

type Screen = { write(text: string): unknown; isTTY?: boolean; columns?: number }
type Line = { tick: (ms: number, detail: string) => void; done: (ms: number, ok: boolean) => void }

function liveLine(screen: Screen, what: string): Line & { everyMs: number } {
  let frame = 0
  const clear = '\r\x1b[K'
  return {
    everyMs: frameMs,
    tick(ms, detail) {
      const head = `${frames[frame++ % frames.length]} ${what}   ${elapsed(ms)}`
      const text = detail === '' ? head : `${head}   ${detail}`
      screen.write(`${clear}${text.slice(0, (screen.columns ?? 80) - 1)}`)
    },
    done: (ms, ok) => screen.write(`${clear}${ok ? '✓' : '✗'} ${what}   ${elapsed(ms)}\n`),
  }
}

function plainLine(screen: Screen, what: string): Line & { everyMs: number } {
  return {
    everyMs: plainMs,
    tick: (ms, detail) =>
      screen.write(`${what}   ${elapsed(ms)}${detail === '' ? '' : `   ${detail}`}\n`.slice(0, 200)),
    done: (ms, ok) => screen.write(`${what}   ${elapsed(ms)}   ${ok ? 'done' : 'failed'}\n`),
  }
}

/** Progress on `screen`; the default is the terminal that standard error is, or the log that it goes to. */
export function terminalProgress(screen: Screen = process.stderr): Progress {
  return {
    async during(what, work) {
      const began = performance.now()
      const since = (): number => performance.now() - began
      const line = screen.isTTY ? liveLine(screen, what) : plainLine(screen, what)
      let detail = ''
      let timer: NodeJS.Timeout | undefined
      const first = setTimeout(() => {
        line.tick(since(), detail)
        timer = setInterval(() => line.tick(since(), detail), line.everyMs)
      }, quietMs)
      const end = (ok: boolean): void => {
        clearTimeout(first)
        clearInterval(timer)
        if (timer) line.done(since(), ok)
      }
      try {
        const result = await work((text) => {
          detail = text
        })
        end(true)
        return result
      } catch (error) {
        end(false)
        throw error
      }
    },
  }
}
