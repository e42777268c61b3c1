import { createInterface } from 'node:readline/promises'
import { Interrupted, type Interruption } from './interruption.ts'

// What a person sees of a command that takes a while. Progress goes to standard error, in whole lines where it is not a
// terminal; the answer goes to standard output. A line that is being redrawn is always wiped before anything else is said.

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏']
const frameMs = 100
/** what takes less is not worth a line */
const quietMs = 400

/** `0:38` */
export const clock = (ms: number): string => {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`
}

export type Terminal = {
  /** a line of progress */
  say(line?: string): void
  /** something is done: `  ✓ line` */
  tick(line: string): void
  /** shows what is being waited for, for how long, and of how long at most; rejects with Interrupted on Ctrl-C */
  wait<T>(what: string, limitMs: number | null, work: Promise<T>): Promise<T>
  /** true when the person typed the word; false without a terminal */
  asks(question: string, word: string): Promise<boolean>
  readonly isInteractive: boolean
}

export function openTerminal(interruption: Interruption): Terminal {
  const { stderr, stdin } = process
  // Who reads may be gone, with a closed terminal for one; what was begun is finished all the same.
  for (const stream of [stderr, process.stdout]) stream.on('error', () => undefined)
  const isInteractive = stdin.isTTY === true && stderr.isTTY === true
  let live = ''
  const wipe = (): void => {
    if (live) stderr.write(`\r\u001b[K`)
    live = ''
  }
  const say = (line = ''): void => {
    const shown = live
    wipe()
    stderr.write(`${line}\n`)
    if (shown) draw(shown)
  }
  const draw = (line: string): void => {
    if (line === live) return
    // A line that wraps could not be wiped.
    const fits = line.slice(0, Math.max(20, (stderr.columns || 80) - 1))
    stderr.write(`\r\u001b[K${fits}`)
    live = fits
  }

  async function wait<T>(what: string, limitMs: number | null, work: Promise<T>): Promise<T> {
    const began = performance.now()
    const limit = limitMs === null ? '' : ` / ${clock(limitMs)}`
    let frame = 0
    const show = (): void => {
      const ms = performance.now() - began
      if (ms < quietMs) return
      const left = `  ${frames[frame++ % frames.length]} ${what}`
      draw(`${left.padEnd(62)} ${clock(ms)}${limit}`)
    }
    const every = stderr.isTTY ? setInterval(show, frameMs) : undefined
    const once = stderr.isTTY
      ? undefined
      : setTimeout(() => say(`  … ${what}${limitMs === null ? '' : `, at most ${clock(limitMs)}`}`), quietMs)
    try {
      return await interruption.or(work)
    } finally {
      clearInterval(every)
      clearTimeout(once)
      wipe()
    }
  }

  async function asks(question: string, word: string): Promise<boolean> {
    if (!isInteractive) return false
    wipe()
    const lines = createInterface({ input: stdin, output: stderr })
    const closed = new AbortController()
    lines.once('SIGINT', () => {
      interruption.raise()
      closed.abort()
    })
    lines.once('close', () => closed.abort())
    try {
      const typed = await lines.question(`${question}? type ${word} to go on: `, { signal: closed.signal })
      return typed.trim().toLowerCase() === word
    } catch {
      // the only rejection is our own abort: Ctrl-C or the end of the input
      stderr.write('\n')
      if (interruption.raised()) throw new Interrupted()
      return false
    } finally {
      lines.close()
    }
  }

  return { say, tick: (line) => say(`  ✓ ${line}`), wait, asks, isInteractive }
}
