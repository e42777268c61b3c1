import { execFile } from 'node:child_process'
import { appendFileSync, existsSync, readFileSync, watch, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ringAlarms } from './alarm.ts'
import { announceBanks, giveHere, serveBanks } from './banks.ts'
import { buildLab } from './build.ts'
import { keyFile, knownHostsText, sshConfigText } from './key.ts'
import { placeAt } from './place.ts'
import { listenAnywhere } from './port.ts'
import { createLabServer } from './server.ts'
import { running } from './session.ts'
import { isOn } from './switch.ts'

// The process behind `lab up`: node daemon.ts CHECKOUT LAB TOKEN. The token is in its arguments, so that `lab down` can tell it
// from a later process with the same pid.
const [checkout = '', lab = '', token = ''] = process.argv.slice(2)
const place = placeAt(checkout, lab)
const log = (line: string): void => appendFileSync(place.log, `${new Date().toISOString()} ${line}\n`)

process.on('uncaughtException', (error) => {
  log(error.stack ?? String(error))
  process.exit(1)
})

const banks = await serveBanks(place)
buildLab(place, giveHere(banks))
announceBanks(place, banks)
const server = createLabServer(place, log)
const port = await listenAnywhere(server)
const publicKey = readFileSync(join(place.keys, `${keyFile.host}.pub`), 'utf8')
writeFileSync(place.sshConfig, sshConfigText(place, port))
writeFileSync(place.knownHosts, knownHostsText(publicKey, port))

let listens = true
/** The listener and the open connections follow the switches. */
async function follow(): Promise<void> {
  const wanted = !isOn(place, 'port-refused')
  if (wanted === listens) return
  listens = wanted
  if (wanted) await server.listen(port)
  else {
    const closed = server.close()
    server.dropClients()
    await closed
  }
  log(wanted ? `listening on ${port}` : 'the port refuses connections')
}
watch(place.switches, (_event, name) => {
  // a live connection would go round these
  if (name === 'host-key' || name === 'black-hole') server.dropClients()
  void follow().catch((error: Error) => log(`switch: ${error.message}`))
})

/** how often the lab looks whether a poll is due */
const tickMs = 20_000
setInterval(() => {
  if (!isStillMine()) end()
  execFile(
    join(place.bin, 'lib', 'tick'),
    { env: {} },
    (error) => error !== null && log(`tick: ${error.message}`),
  )
}, tickMs)

/** how often the alarms are looked at: finer than the second that systemd was asked to keep to */
const alarmMs = 200
setInterval(() => ringAlarms(place, Date.now(), log), alarmMs)

/** Somebody may have removed the folder by hand, or another lab may have taken it. */
function isStillMine(): boolean {
  return existsSync(place.record) && readFileSync(place.record, 'utf8').includes(token)
}

/** Ends what this lab runs, in its own process groups, and then itself. */
function end(): void {
  if (isStillMine()) writeFileSync(place.ending, '')
  for (const { pid } of running) {
    if (pid === undefined) continue
    try {
      process.kill(-pid, 'SIGKILL')
    } catch {
      // it ended in this very moment
    }
  }
  process.exit(0)
}
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, end)
process.on('SIGHUP', () => log('the terminal is gone, the lab stays'))

// the last thing written: whoever finds it finds everything else
writeFileSync(
  place.record,
  `${JSON.stringify({ pid: process.pid, port, token, since: new Date().toISOString() }, null, 2)}\n`,
)
log(`listening on ${port}`)
