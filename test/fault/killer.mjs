// Loaded before one of our commands (NODE_OPTIONS=--import=…): counts the system calls that matter to a login, writes them
// down, and ends the process with SIGKILL right before the one that BULMA_KILL_AT names. Children are left alone.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

const command = /scripts\/(reauth|push|verify)\.ts$/
const isCommand = command.test(process.argv[1] ?? '')
const at = Number(process.env.BULMA_KILL_AT ?? 0)
const list = process.env.BULMA_KILL_LIST
const original = { ...fs }
let count = 0

function step(name, detail) {
  count += 1
  if (list) original.appendFileSync(list, `${count} ${name} ${detail}\n`)
  if (count === at) process.kill(process.pid, 'SIGKILL')
}

const isOurs = (path) => typeof path === 'string' && /\.reauth|tokens_/.test(path)
const last = (path) => String(path).split('/').slice(-2).join('/')

if (isCommand) {
  for (const name of [
    'openSync',
    'renameSync',
    'unlinkSync',
    'rmSync',
    'mkdirSync',
    'writeFileSync',
    'appendFileSync',
  ])
    fs[name] = (...words) => {
      if (isOurs(words[0]) || (name === 'writeFileSync' && words[0] > 2)) step(name, last(words[0]))
      return original[name](...words)
    }
  for (const name of ['fsyncSync', 'writeSync', 'fchmodSync', 'ftruncateSync'])
    fs[name] = (...words) => {
      if (typeof words[0] === 'number' && words[0] > 2) step(name, '')
      return original[name](...words)
    }
  const { spawn } = childProcess
  childProcess.spawn = (program, ...rest) => {
    step('spawn', last(program))
    const child = spawn(program, ...rest)
    child.once('exit', () => step('exit', last(program)))
    return child
  }
  syncBuiltinESMExports()
}
