import { spawn } from 'node:child_process'
import { exitCode } from '../lib/exit-code.ts'
import { projectDir } from './project.ts'

type Summary = { holds: number; differs: number; needsPerson: number; unknown: number }
/** What one more look found: its exit code (0 to 4), and one line; the line is empty where it could not look. */
export type Look = { code: number; line: string }

const count = (n: number, one: string, many: string): string[] =>
  n === 0 ? [] : [`${n} ${n === 1 ? one : many}`]

/** `hinata-z2 · 20 hold · 1 needs you`. `waiting`: how many of the unknown hang on another finding. */
export function lookLine(
  host: string,
  { holds, differs, needsPerson, unknown }: Summary,
  waiting = 0,
): string {
  const parts = [
    ...count(holds, 'holds', 'hold'),
    ...count(differs, 'differs', 'differ'),
    ...count(needsPerson, 'needs you', 'need you'),
    ...count(unknown - waiting, 'could not be looked at', 'could not be looked at'),
    ...count(waiting, 'waits for these', 'wait for these'),
  ]
  return [host, ...parts].join(' · ')
}

/** Looks at the machines once more, as `npm run drift` does. What it has to say of a failure goes to standard error. */
export function finalLook(stack: string): Promise<Look> {
  return new Promise((resolve, reject) => {
    const args = [`${projectDir}/scripts/drift.ts`, '--json', '--stack', stack]
    const child = spawn(process.execPath, args, { cwd: projectDir, stdio: ['ignore', 'pipe', 'inherit'] })
    const out: Buffer[] = []
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk))
    child.once('error', reject)
    child.once('close', (code) => {
      const text = Buffer.concat(out).toString('utf8').trim()
      const report = text.startsWith('{')
        ? (JSON.parse(text) as { host: string; summary?: Summary; findings?: { cause: string | null }[] })
        : undefined
      const waiting = report?.findings?.filter(({ cause }) => cause !== null).length ?? 0
      const line = report?.summary ? lookLine(report.host, report.summary, waiting) : ''
      resolve({ code: code ?? exitCode.failed, line })
    })
  })
}
