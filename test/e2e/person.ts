import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { get, press } from '../bank/bank-place.ts'
import type { Project } from './project.ts'

export type Seat = {
  env?: Record<string, string>
  /** false: no terminal, its input is empty, and what is read is both outputs together */
  terminal?: boolean
  /** a command that runs ours: `['unshare', '--uts']` */
  under?: string[]
}

const quoted = (words: string[]): string =>
  words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')

/** A person at a terminal: one of our scripts on a pseudo-terminal, what it shows, and what is typed. */
export class Person {
  readonly child: ChildProcessWithoutNullStreams
  readonly hasTerminal: boolean
  shown = ''
  private hasEnded = false
  private ended: Promise<number | null>

  constructor(
    project: Project,
    script: string,
    args: string[],
    { env = {}, terminal = true, under = [] }: Seat = {},
  ) {
    const words = [...under, process.execPath, join(project.dir, 'scripts', `${script}.ts`), ...args]
    this.hasTerminal = terminal
    const [program = '', ...rest] = terminal
      ? // script(1) gives it a terminal and passes its exit status on.
        ['script', '-qfec', `exec ${quoted(words)}`, '/dev/null']
      : words
    this.child = spawn(program, rest, {
      cwd: project.dir,
      env: { ...project.env, TERM: 'xterm', COLUMNS: '100', ...env },
      detached: true,
    })
    this.child.stdin.on('error', () => undefined)
    if (!terminal) this.child.stdin.end()
    const add = (chunk: Buffer): void => {
      this.shown += stripVTControlCharacters(chunk.toString('utf8'))
        .replaceAll('\r\n', '\n')
        .replaceAll('\r', '\n')
    }
    this.child.stdout.on('data', add)
    this.child.stderr.on('data', add)
    this.ended = new Promise((resolve) =>
      this.child.once('close', (code) => {
        this.hasEnded = true
        resolve(code)
      }),
    )
  }

  /** Waits until the pattern is on the screen. @throws Error with the screen when it does not come, or the program ends first */
  async sees(pattern: RegExp, seconds = 120): Promise<RegExpMatchArray> {
    for (const until = Date.now() + seconds * 1000; ; ) {
      // in this order: what is shown last is read once more
      const isOver = this.hasEnded || Date.now() > until
      const found = this.shown.match(pattern)
      if (found) return found
      if (isOver) throw new Error(`${pattern} never came:\n${this.shown}`)
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  }

  types(text: string): void {
    this.child.stdin.write(`${text}\n`)
  }

  /** Waits for a question and answers it. */
  async answers(question: RegExp, text: string): Promise<void> {
    await this.sees(question)
    this.types(text)
  }

  /** Ctrl-C at the terminal. */
  interrupts(): void {
    this.child.stdin.write('\u0003')
  }

  /** The pid of our program itself; null once it is over. */
  get pid(): number | null {
    if (this.hasEnded) return null
    const own = this.child.pid ?? 0
    return this.hasTerminal ? childOf(own) : own
  }

  /** Sends our program itself a signal. */
  signals(signal: NodeJS.Signals): void {
    const { pid } = this
    // script(1) stops itself when what it runs is stopped.
    if (signal === 'SIGCONT') this.child.kill(signal)
    if (pid !== null) process.kill(pid, signal)
  }

  /** kill -9 of our program, without a word to it. */
  async kills(): Promise<void> {
    this.signals('SIGKILL')
    await this.end()
  }

  /** Closes the terminal's window: the program loses it, and gets a SIGHUP. Resolves when it has ended. */
  async closes(seconds = 60): Promise<void> {
    const { pid } = this
    this.child.kill('SIGKILL')
    if (pid !== null) await gone(pid, seconds)
  }

  /** The exit status of the script. */
  async end(seconds = 180): Promise<number | null> {
    const tooLong = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`it does not end:\n${this.shown}`)), seconds * 1000).unref(),
    )
    return Promise.race([this.ended, tooLong])
  }

  /** The address that the terminal shows. */
  async address(): Promise<string> {
    // With the line end after it: before that it may be half of one.
    const [url = ''] = await this.sees(/https?:\/\/\S+response_type=code\S*(?=\s)/)
    return url
  }
}

/** The only child of a process; null when it has none. */
function childOf(parent: number): number | null {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const [, after = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')
      const [state, ppid] = after.split(' ')
      if (Number(ppid) === parent && state !== 'Z') return Number(name)
    } catch {
      // it has ended meanwhile
    }
  }
  return null
}

/** Waits until a process is no more. @throws Error when it goes on */
export async function gone(pid: number, seconds = 60): Promise<void> {
  for (const until = Date.now() + seconds * 1000; ; ) {
    try {
      process.kill(pid, 0)
    } catch {
      return // no such process
    }
    if (Date.now() > until) throw new Error(`process ${pid} goes on`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/**
 * Goes through a simulated bank's pages as a person in a browser would, up to the redirect.
 * @returns the address that the bank sends the browser to; empty where it sends it nowhere
 */
export async function throughTheBank(url: string, choice?: string, who?: string): Promise<string> {
  const base = new URL(url).origin
  const first = await get(url)
  const isMonzo = first.text.includes('name="email"')
  const second = await press(
    base,
    first,
    isMonzo ? 'send' : 'login',
    who ? { [isMonzo ? 'email' : 'customer']: who } : {},
  )
  const magic = second.text.match(/id="magic" href="([^"]+)"/)?.[1]
  const consent = isMonzo ? await get(new URL(magic ?? '', base).href) : second
  const back = await press(base, consent, choice ?? (isMonzo ? 'link' : 'approve'))
  return back.headers.get('location') ?? ''
}

/** What the browser shows at the end, once our side has said how it went. */
export async function shows(address: string): Promise<string> {
  const text = await (await fetch(address)).text()
  // The page is sent in two parts; the last card is the one that is seen.
  const heading = text.match(/.*<h1>(.*?)<\/h1>/s)?.[1] ?? text
  return heading.replaceAll('&#39;', "'")
}

/** Goes through the bank's pages and back to our port. @returns the heading of the page that the browser then shows */
export const logsIn = async (url: string, choice?: string, who?: string): Promise<string> =>
  shows(await throughTheBank(url, choice, who))
