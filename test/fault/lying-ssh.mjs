#!/usr/bin/env node
// Stands in the place of ssh: asks the real one, and gives back what a Z2 that lies in the very form of a look or an order
// would. BULMA_LIE says how: each text with something behind it, each text replaced, each number, or the records mixed up.
import { spawnSync } from 'node:child_process'

const [, , ...args] = process.argv
const { status, stdout, stderr } = spawnSync(process.env.BULMA_REAL_SSH, args, {
  stdio: ['inherit', 'pipe', 'pipe'],
  maxBuffer: 64e6,
})
const how = process.env.BULMA_LIE
const poison = process.env.BULMA_POISON

const changed = (value, key) => {
  if (key === 'k' || key === 'kind' || key === 'bank') return value
  if (Array.isArray(value)) return value.map((one) => changed(one))
  if (value !== null && typeof value === 'object')
    return Object.fromEntries(
      Object.entries(value).map(([name, one]) => [
        how === 'keys' && Math.random() < 0.2 ? name + poison : name,
        changed(one, name),
      ]),
    )
  const isState = key === 'state' || key === 'json' || key === 'type' || key === 'exit'
  if (typeof value === 'string' && !isState) {
    if (how === 'behind') return value.replace(/(\S)(?=\n|$)/g, (letter) => letter + poison)
    if (how === 'instead') return poison
  }
  if (typeof value === 'number' && !isState && how === 'numbers')
    return [-1, 0, 1e300, -1e300, 4_102_444_800, 0.5][Math.floor(Math.random() * 6)]
  return value
}

const lines = stdout.toString('utf8').split('\n')
const lied = lines.map((line) => {
  if (!line.startsWith('{')) return line
  try {
    return JSON.stringify(changed(JSON.parse(line)))
  } catch {
    return line // no record of ours
  }
})
if (how === 'order') {
  const at = lied.findIndex((line) => / BEGIN$/.test(line)) + 1
  const end = lied.findIndex((line) => / END \d+$/.test(line))
  if (at > 0 && end > at) lied.splice(at, end - at, ...lied.slice(at, end).reverse())
}
if (how === 'twice') {
  const at = lied.findIndex((line) => / BEGIN$/.test(line)) + 1
  if (at > 0) lied.splice(at, 0, lied[at])
}
process.stdout.write(lied.join('\n'))
process.stderr.write(how === 'behind' ? stderr.toString('utf8') + poison : stderr)
process.exitCode = status ?? 255
