// Loaded before one of our commands (NODE_OPTIONS=--import=…): writes down each attempt to reach anything, and each program
// that is started, since ssh is how Z2 is reached.
import childProcess from 'node:child_process'
import dns from 'node:dns'
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import net from 'node:net'

const list = process.env.BULMA_NETWORK_LIST
const note = (what) => list && fs.appendFileSync(list, `${what}\n`)

for (const name of ['spawn', 'spawnSync', 'execFile', 'execFileSync', 'exec', 'execSync', 'fork']) {
  const original = childProcess[name]
  childProcess[name] = (program, ...rest) => {
    note(`${name} ${program}`)
    return original(program, ...rest)
  }
}
const { lookup } = dns
dns.lookup = (host, ...rest) => {
  note(`lookup ${host}`)
  return lookup(host, ...rest)
}
for (const [of, name] of [
  [net.Socket.prototype, 'connect'],
  [net.Server.prototype, 'listen'],
]) {
  const original = of[name]
  of[name] = function (...words) {
    note(`${name} ${JSON.stringify(words[0] ?? '')}`)
    return original.apply(this, words)
  }
}
syncBuiltinESMExports()
