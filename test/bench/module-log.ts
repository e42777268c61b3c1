import child from 'node:child_process'
import { appendFileSync } from 'node:fs'
import { registerHooks, syncBuiltinESMExports } from 'node:module'

// node --import module-log.ts PROGRAM: writes every file that is loaded to MODULE_LOG, a line each, and `spawn ssh` where a
// program is started.

const file = process.env.MODULE_LOG ?? ''
const note = (line: string): void => appendFileSync(file, `${line}\n`)

registerHooks({
  load(url, context, next) {
    if (url.startsWith('file:')) note(url)
    return next(url, context)
  },
})
const { spawn } = child
child.spawn = ((program: string, ...rest: unknown[]) => {
  note(`spawn ${program}`)
  return Reflect.apply(spawn, child, [program, ...rest])
}) as typeof spawn
syncBuiltinESMExports()
