import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { stripVTControlCharacters } from 'node:util'
import { pulumiEnv } from '../../tools/pulumi-run.ts'
import { get, press } from '../bank/bank-place.ts'
import type { Project } from './project.ts'

/** A person at a terminal: one of our scripts on a pseudo-terminal, what it shows, and what is typed. */
export class Person {
  readonly child: ChildProcessWithoutNullStreams
  shown = ''
  private ended: Promise<number | null>

  constructor(project: Project, script: string, args: string[], env: Record<string, string> = {}) {
    const words = [process.execPath, join(project.dir, 'scripts', `${script}.ts`), ...args]
    const line = words.map((word) => `'${word.replaceAll("'", "'\\''")}'`).join(' ')
    // script(1) gives it a terminal and passes its exit status on.
    this.child = spawn('script', ['-qfec', `exec ${line}`, '/dev/null'], {
      cwd: project.dir,
      env: {
        ...pulumiEnv(project.engine),
        PWD: project.dir,
        NO_COLOR: '1',
        TERM: 'xterm',
        COLUMNS: '100',
        ...env,
      },
      detached: true,
    })
    this.child.stdin.on('error', () => undefined)
    const add = (chunk: Buffer): void => {
      this.shown += stripVTControlCharacters(chunk.toString('utf8'))
        .replaceAll('\r\n', '\n')
        .replaceAll('\r', '\n')
    }
    this.child.stdout.on('data', add)
    this.child.stderr.on('data', add)
    this.ended = new Promise((resolve) => this.child.once('close', resolve))
  }

  /** Waits until the pattern is on the screen. @throws Error with the screen when it does not come, or the program ends first */
  async sees(pattern: RegExp, seconds = 60): Promise<RegExpMatchArray> {
    const until = Date.now() + seconds * 1000
    let hasEnded = false
    void this.ended.then(() => {
      hasEnded = true
    })
    for (;;) {
      const found = this.shown.match(pattern)
      if (found) return found
      if (hasEnded || Date.now() > until) throw new Error(`${pattern} never came:\n${this.shown}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  types(text: string): void {
    this.child.stdin.write(`${text}\n`)
  }

  /** Ctrl-C at the terminal. */
  interrupts(): void {
    this.child.stdin.write('\u0003')
  }

  /** The pid of our program itself; null once it is over. */
  get pid(): number | null {
    return childOf(this.child.pid ?? 0)
  }

  /** kill -9 of our program, without a word to it. */
  kills(): void {
    if (this.pid !== null) process.kill(this.pid, 'SIGKILL')
  }

  /** Closes the terminal's window: the program loses it, and gets a SIGHUP. Resolves when it has ended. */
  async closes(seconds = 60): Promise<void> {
    const { pid } = this
    this.child.kill('SIGKILL')
    if (pid !== null) await gone(pid, seconds)
  }

  /** The exit status of the script. */
  async end(seconds = 120): Promise<number | null> {
    const tooLong = new Promise<never>((_, reject) =>
      setTimeout(() => reject(new Error(`it does not end:\n${this.shown}`)), seconds * 1000).unref(),
    )
    return Promise.race([this.ended, tooLong])
  }

  /** The address that the terminal shows. */
  async address(): Promise<string> {
    const [url = ''] = await this.sees(/https?:\/\/\S+response_type=code\S*/)
    return url
  }
}

/** The only child of a process; null when it has none. */
function childOf(parent: number): number | null {
  for (const name of readdirSync('/proc').filter((one) => /^\d+$/.test(one))) {
    try {
      const [, after = ''] = readFileSync(`/proc/${name}/stat`, 'utf8').split(') ')
      if (Number(after.split(' ')[1]) === parent) return Number(name)
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
 * @returns the address that the bank sends the browser to
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

/** Goes through the bank's pages and back to our port. @returns the page that the browser then shows */
export async function logsIn(url: string, choice?: string, who?: string): Promise<string> {
  const response = await fetch(await throughTheBank(url, choice, who))
  return response.text()
}
