// Loaded before one of our commands (NODE_OPTIONS=--import=…): counts the system calls that matter to a login, writes them
// down, and ends the process with SIGKILL right before the one that BULMA_KILL_AT names. Children are left alone.
//
// With BULMA_POWER the machine ends with it, as far as a disk can tell: what was written and not flushed is gone. `kept`: names
// that were changed are on disk, as a file system may have them before the text; `lost`: names whose folder was not flushed are
// as they were.
import childProcess from 'node:child_process'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { dirname, resolve } from 'node:path'

const command = /scripts\/(reauth|push|verify)\.ts$/
const isCommand = command.test(process.argv[1] ?? '')
const at = Number(process.env.BULMA_KILL_AT ?? 0)
const list = process.env.BULMA_KILL_LIST
const power = process.env.BULMA_POWER
const original = { ...fs }
let count = 0

const isOurs = (path) => typeof path === 'string' && /\.reauth|tokens_/.test(path)
const last = (path) => String(path).split('/').slice(-2).join('/')

// What is in memory only: texts by path, and names by their folder with what takes each change back.
const opened = new Map()
const unflushed = new Set()
let names = []
const textOf = (path) => {
  try {
    return original.readFileSync(path)
  } catch {
    return null // nothing there that could be brought back
  }
}
const put = (path, text) =>
  text === null ? original.rmSync(path, { force: true }) : original.writeFileSync(path, text, { mode: 0o600 })

function losePower() {
  const gone = new Set(unflushed)
  if (power === 'lost') for (const { undo } of names.reverse()) undo()
  for (const path of gone) if (original.existsSync(path)) original.truncateSync(path, 0)
}

function step(name, detail) {
  count += 1
  if (list) original.appendFileSync(list, `${count} ${name} ${detail}\n`)
  if (count !== at) return
  if (power) losePower()
  process.kill(process.pid, 'SIGKILL')
}

const remembered = {
  openSync: (fd, path) => opened.set(fd, resolve(String(path))),
  writeFileSync: (_, to) => unflushed.add(typeof to === 'number' ? opened.get(to) : resolve(String(to))),
  writeSync: (_, fd) => unflushed.add(opened.get(fd)),
  ftruncateSync: (_, fd) => unflushed.add(opened.get(fd)),
  fsyncSync: (_, fd) => {
    const path = opened.get(fd)
    unflushed.delete(path)
    names = names.filter(({ folder }) => folder !== path)
  },
}

/** Notes a change of names with its way back, before it is made. */
function noteNames(name, [from, to]) {
  if (name === 'unlinkSync' || name === 'rmSync') {
    const path = resolve(String(from))
    if (original.statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
    const text = textOf(path)
    names.push({ folder: dirname(path), undo: () => put(path, text) })
  }
  if (name !== 'renameSync') return
  const [one, other] = [resolve(String(from)), resolve(String(to))]
  const [moved, replaced] = [textOf(one), textOf(other)]
  if (unflushed.delete(one)) unflushed.add(other)
  names.push({
    folder: dirname(other),
    undo: () => {
      put(one, moved)
      put(other, replaced)
    },
  })
}

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
      const isTold = isOurs(words[0]) || (name === 'writeFileSync' && words[0] > 2)
      if (isTold) step(name, last(words[0]))
      if (power && isTold) noteNames(name, words)
      const result = original[name](...words)
      // Every folder's handle, since names are flushed through it, also of one that is nobody's business otherwise.
      if (power && (isTold || name === 'openSync')) remembered[name]?.(result, words[0])
      return result
    }
  for (const name of ['fsyncSync', 'writeSync', 'fchmodSync', 'ftruncateSync'])
    fs[name] = (...words) => {
      if (typeof words[0] === 'number' && words[0] > 2) step(name, '')
      const result = original[name](...words)
      if (power) remembered[name]?.(result, words[0])
      return result
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
