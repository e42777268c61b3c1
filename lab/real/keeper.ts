import { existsSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { startBanks } from '../bank/banks.ts'
import { writeBankRecord } from '../bank/record.ts'
import { bankPorts } from './bank.ts'
import { endGroup, findGroup, leaveGroup } from './cgroup.ts'
import { findLeader, readRecord, writeRecord } from './leader.ts'
import { isPlugged, plugIn } from './network.ts'
import { realPlaceAt } from './place.ts'

// The process beside a real Z2, node keeper.ts CHECKOUT LAB: it serves the simulated banks at this machine's end of the cable,
// plugs the cable in again when Z2 has rebooted, and ends the lab when its folder is gone.

const lookMs = 250
const [checkout = '', lab = '', here = ''] = process.argv.slice(2)
const place = realPlaceAt(checkout, lab)

const banks = await startBanks({
  host: here,
  monzoPort: bankPorts.monzo,
  truelayerPort: bankPorts.truelayer,
  stateFile: place.bankState,
})
writeBankRecord(place, banks)

/** Ends the lab when its folder was removed by hand: nobody could end it otherwise. */
async function endWithoutFolder(): Promise<void> {
  if (existsSync(place.bank)) return
  leaveGroup()
  await endGroup(place.group)
  process.exit(0)
}

for (;;) {
  await wait(lookMs)
  await endWithoutFolder()
  const group = findGroup(place.group)
  const running = readRecord(place)
  const leader = group === undefined ? undefined : findLeader(group)
  if (running === undefined || leader === undefined || isPlugged(place) !== false) continue
  try {
    plugIn(place, running.network)
    writeRecord(place, { ...running, leader })
  } catch (error) {
    // the cable is gone again, or not whole yet: the next round sees to it, and the banks go on
    console.error(error)
  }
}
