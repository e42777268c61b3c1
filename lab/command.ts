import { exitCode } from '../lib/exit-code.ts'
import { bankCommand, bankUsage } from './bank/command.ts'
import { readBankRecord } from './bank/record.ts'
import { breakIt, list, mend } from './fault-command.ts'
import { findLab, type LabUp, neededLab, startKind, stopAny } from './kind.ts'
import { misuse, type Output } from './output.ts'
import { type Place, placeAt } from './sim/place.ts'
import { plantedFaults } from './sim/plant.ts'

/** after this long a person is told what is being waited for */
const quietMs = 2000

export const usage = `a simulated Z2 with a simulated CT109, on this machine, without root

  npm run lab -- up [--fresh]        start it in the background; --fresh renews one that runs
  npm run lab -- up --real           a real one instead: Debian, as root
  npm run lab -- status              is it up, where, and which faults are planted (exit 1: down)
  npm run lab -- faults              every fault that can be planted
  npm run lab -- break NAME…         plant faults
  npm run lab -- mend [NAME…]        mend these, or all that are planted
  npm run lab -- bank …              the simulated banks: look, approve, trouble; bank --help
  npm run lab -- down                end it and remove .lab/

  ssh -F .lab/ssh_config hinata-z2   by hand, as on the real one
  npm run drift -- --stack lab       look at it
`

/** Runs one command line of `npm run lab`. Throws a Problem; answers with the exit code otherwise. */
export async function lab(words: string[], checkout: string, output: Output): Promise<number> {
  const [verb, ...rest] = words
  const place = placeAt(checkout, process.env.BULMA_LAB_DIR || '.lab')
  if (verb === 'bank') return bank(place, rest, output)
  if (verb === undefined || words.includes('--help') || words.includes('-h') || verb === 'help') {
    output.say(usage)
    return verb === undefined ? exitCode.usage : exitCode.asWanted
  }
  const names = rest.filter((word) => !word.startsWith('-'))
  const flags = rest.filter((word) => word.startsWith('-'))
  const stray = flags.find((flag) => !(verb === 'up' && ['--fresh', '--real'].includes(flag)))
  if (stray !== undefined)
    throw misuse(`unknown option ${stray}`, `lab ${verb} does not know it`, 'npm run lab -- --help')
  const takesNames = verb === 'break' || verb === 'mend'
  if (!takesNames && names.length > 0)
    throw misuse(`lab ${verb} takes no names`, `got ${names.join(' ')}`, 'npm run lab -- --help')

  const kind = flags.includes('--real') ? 'real' : 'simulated'
  if (verb === 'up') return up(place, kind, flags.includes('--fresh'), output)
  if (verb === 'down') return down(place, output)
  if (verb === 'status') return status(place, output)
  if (verb === 'faults') return list(output)
  if (verb === 'break') return breakIt(place, names, output)
  if (verb === 'mend') return mend(place, names, output)
  throw misuse(
    `lab does not know "${verb}"`,
    'it knows up, down, status, faults, break, mend and bank',
    'npm run lab -- --help',
  )
}

/** Help needs no lab. */
async function bank(place: Place, words: string[], { say }: Output): Promise<number> {
  if (words.includes('--help') || words.includes('-h')) {
    say(bankUsage)
    return exitCode.asWanted
  }
  neededLab(place, 'the simulated banks are up with it')
  say(await bankCommand(words, readBankRecord(place).control))
  return exitCode.asWanted
}

const clock = ({ since }: LabUp): string => since.slice(0, 16).replace('T', ' ')

async function up(place: Place, kind: LabUp['kind'], fresh: boolean, { say, tell }: Output): Promise<number> {
  const old = findLab(place)
  if (old !== undefined && !fresh) {
    if (old.kind !== kind)
      throw misuse(`a ${old.kind} lab is up here`, 'a checkout has one lab at a time', 'npm run lab -- down')
    say(`the lab is up already: ${old.at}, since ${clock(old)} UTC`)
    return exitCode.asWanted
  }
  const began = Date.now()
  const notice = setTimeout(() => tell(`starting the ${kind} Z2`), quietMs)
  if (old !== undefined) await stopAny(place)
  const { at } = await startKind(place, kind).finally(() => clearTimeout(notice))
  const took = ((Date.now() - began) / 1000).toFixed(1)
  say(`the lab is up: ${at}, ${took} s`)
  say('  ssh -F .lab/ssh_config hinata-z2 true')
  return exitCode.asWanted
}

async function down(place: Place, { say, tell }: Output): Promise<number> {
  const notice = setTimeout(() => tell('waiting for the lab to end'), quietMs)
  const ran = await stopAny(place).finally(() => clearTimeout(notice))
  say(ran ? 'the lab is down' : 'no lab was up')
  return exitCode.asWanted
}

function status(place: Place, { say }: Output): number {
  const found = findLab(place)
  if (found === undefined) {
    say('the lab is down')
    return exitCode.failed
  }
  const planted = plantedFaults(place)
  say(`the lab is up: ${found.at}, since ${clock(found)} UTC`)
  say(planted.length === 0 ? 'no fault is planted' : `planted: ${planted.join(' ')}`)
  return exitCode.asWanted
}
