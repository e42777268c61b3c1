import { healthyPoll, logPath, logText, writeLog } from '../healthy/poll-log.ts'
import { lastPoll } from '../healthy/poll-time.ts'
import type { Bank, BankAnswer, Fault, World } from '../world.ts'

const kind = 'last-poll'
const hourMs = 3_600_000
/** well past the three intervals after which a log counts as stalled */
const stalledMs = 5 * hourMs

const failed = (world: World, bank: Bank, answer: BankAnswer, tail: number): void => {
  const at = lastPoll(world.now())
  writeLog(world, bank, logText(bank, at, answer, tail), at)
  world.bank(bank, answer)
  world.ended(`bulma-poll-${bank}.service`, answer === 'pending' ? 'success' : 'exit-code', at)
}

const deadAs: Record<Bank, string> = { monzo: 'HTTP 401, Bad refresh token', truelayer: 'invalid_grant' }
const pendingAs: Record<Bank, string> = {
  monzo: '403 on /accounts after a clean token load: the app approval is pending',
  truelayer: '403 sca_exceeded: not a dead token',
}

const perBank = (bank: Bank): Fault[] => {
  const mend = (world: World): void => healthyPoll(world, bank)
  const service = `bulma-poll-${bank}.service`
  return [
    {
      name: `poll-dead-${bank}`,
      says: `the last polls ended with ${deadAs[bank]}`,
      kind,
      plant: (world) => failed(world, bank, 'dead', 3),
      mend,
    },
    {
      name: `poll-approval-${bank}`,
      says: pendingAs[bank],
      kind,
      plant: (world) => failed(world, bank, 'pending', 1),
      mend,
    },
    {
      name: `poll-failed-${bank}`,
      says: `the last poll failed for want of a network that is back: ${service} stands at failed`,
      kind,
      plant: (world) => {
        failed(world, bank, 'unreachable', 1)
        world.bank(bank, 'healthy')
      },
      mend,
    },
    {
      name: `poll-unreachable-${bank}`,
      says: `every poll since an hour fails: the bank cannot be reached`,
      kind,
      plant: (world) => failed(world, bank, 'unreachable', 5),
      mend,
    },
    {
      name: `poll-stalled-${bank}`,
      says: `no line in poll-${bank}.log for five hours, though the timer is active`,
      kind,
      plant: (world) => {
        const at = new Date(world.now().getTime() - stalledMs)
        writeLog(world, bank, logText(bank, at), at)
        world.ended(service, 'success', at)
      },
      mend,
    },
    {
      name: `poll-running-${bank}`,
      says: `${service} is polling right now, for 20 seconds`,
      kind,
      plant: (world) => world.run('ct109', service, 20),
      mend,
    },
    {
      name: `poll-no-log-${bank}`,
      says: `poll-${bank}.log does not exist`,
      kind,
      plant: (world) => world.remove('z2', logPath(bank)),
      mend,
    },
  ]
}

export const pollFaults: Fault[] = [...perBank('monzo'), ...perBank('truelayer')]
