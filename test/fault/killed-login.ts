import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { Bank } from '../../lib/invariant.ts'
import type { LoginPlace } from '../e2e/login-place.ts'
import { logsIn } from '../e2e/person.ts'

const killer = join(import.meta.dirname, 'killer.mjs')
const address = /https?:\/\/\S+response_type=code\S*/

/** When a command is killed: before its n-th call that matters, with the power of the machine if that is said, or after so many ms. */
export type Moment = { call: number; power?: 'kept' | 'lost' } | { afterMs: number } | null

export type Run = { code: number | null; text: string; wasKilled: boolean }

/** What a run of reauth came to, with a person at the browser who does what the screen says. */
export async function reauth(place: LoginPlace, bank: Bank, moment: Moment, list = ''): Promise<Run> {
  const { project } = place
  const { spawn } = await import('node:child_process')
  const words = [bank, '--stack', 'lab', '--force', '--anyway', '--yes', ...place.way(bank)]
  const child = spawn(process.execPath, [join(project.dir, 'scripts/reauth.ts'), ...words], {
    cwd: project.dir,
    env: {
      ...project.env,
      NODE_OPTIONS: `--import=${killer}`,
      ...(list && { BULMA_KILL_LIST: list }),
      ...(moment && 'call' in moment && { BULMA_KILL_AT: String(moment.call) }),
      ...(moment && 'call' in moment && moment.power && { BULMA_POWER: moment.power }),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let hasLoggedIn = false
  const read = (chunk: Buffer): void => {
    text += chunk.toString('utf8')
    const url = text.match(address)?.[0]
    if (!url || hasLoggedIn) return
    hasLoggedIn = true
    // The command may be killed while the browser waits for it: that is the point.
    logsIn(url).catch(() => undefined)
  }
  child.stdout.on('data', read)
  child.stderr.on('data', read)
  const timer =
    moment && 'afterMs' in moment ? setTimeout(() => child.kill('SIGKILL'), moment.afterMs) : undefined
  const stuck = setTimeout(() => child.kill('SIGKILL'), 90_000)
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve))
  clearTimeout(timer)
  clearTimeout(stuck)
  return { code, text, wasKilled: code === null }
}

/** The calls that matter of one whole login, in their order. */
export async function callsOfLogin(place: LoginPlace, bank: Bank): Promise<string[]> {
  const list = join(place.project.dir, 'calls.txt')
  rmSync(list, { force: true })
  const { code, text } = await reauth(place, bank, null, list)
  if (code !== 0) throw new Error(`a login without a kill ended with ${code}:\n${text}`)
  return readFileSync(list, 'utf8').trimEnd().split('\n')
}

/** True when a file of this login on the Mac, or Z2, holds the refresh token that the bank takes. */
export async function liveChainIsSomewhere(place: LoginPlace, bank: Bank): Promise<boolean> {
  const live = (await place.order({ bank, do: 'liveRefresh' })) as string | null
  if (!live) return true
  if ((await place.refreshOnZ2(bank)) === live) return true
  const folder = place.mac(bank, '')
  const files = [folder, join(folder, '.reauth')].flatMap((at) =>
    existsSync(at)
      ? readdirSync(at, { withFileTypes: true })
          .filter((one) => one.isFile())
          .map(({ name }) => join(at, name))
      : [],
  )
  return files.some((file) => readFileSync(file, 'utf8').includes(live))
}

/**
 * What is left of an order may still be at work on Z2: it arms the switch before it stops the timer, and starts the timer before
 * it takes the switch away. One that is looked for before and after the timer cannot be missed.
 */
async function timerOrSwitch(place: LoginPlace, bank: Bank): Promise<boolean> {
  const isArmed = async (): Promise<boolean> => /\.timer.*\bwaiting\b/.test(await place.switches())
  return (await isArmed()) || (await place.timerIsActive(bank)) || (await isArmed())
}

/** What is not as it must be after a login has come to its end. Empty is good. */
export async function leftOvers(place: LoginPlace, bank: Bank): Promise<string[]> {
  await place.poll(bank)
  const [isLive, doctor, rest] = await Promise.all([
    place.isLive(bank),
    place.doctor(bank),
    place.atRest(bank),
  ])
  const mac = place.macFiles(bank).filter((name) => !/\.gitignore$|credentials\.json$/.test(name))
  return [
    ...(isLive ? [] : ['the chain on z2 is not the one that the bank takes']),
    ...(doctor.verdict === 'healthy' ? [] : [`the doctor says ${doctor.verdict}`]),
    ...(rest.timer ? [] : ['the poll timer is not active']),
    ...(rest.switch === '' ? [] : [`a switch: ${rest.switch}`]),
    ...(rest.staged === '' ? [] : [`staged: ${rest.staged}`]),
    ...(rest.lease === null ? [] : [`a lease: ${rest.lease}`]),
    ...mac.map((name) => `on the Mac: ${name}`),
  ]
}

/**
 * The call of a login, counted from 1, before which it has its tokens on the Mac for good and nothing of them on Z2: killed
 * there, it waits for a push.
 */
export async function callBeforePush(place: LoginPlace, bank: Bank): Promise<number> {
  const calls = await callsOfLogin(place, bank)
  const onMac = calls.findIndex((call) => /unlinkSync .*pending/.test(call))
  return calls.findIndex((call, at) => at > onMac && /spawn ssh$/.test(call)) + 1
}

/** The first login of a place: nobody has told yet whose account it is. */
export async function firstLogin(place: LoginPlace, bank: Bank): Promise<void> {
  const person = place.person('reauth', bank, '--anyway', '--yes')
  void logsIn(await person.address())
  await person.sees(/the right one\? type yes/)
  person.types('yes')
  if ((await person.end()) !== 0) throw new Error(person.shown)
}

/**
 * Kills a login at one moment, looks what the world is like then, runs the same command again, and looks once more.
 * @returns what is wrong, a line each; empty is good
 */
export async function killAndCarryOn(place: LoginPlace, bank: Bank, moment: Moment): Promise<string[]> {
  const first = await reauth(place, bank, moment)
  const [isKept, isSafe] = [await liveChainIsSomewhere(place, bank), await timerOrSwitch(place, bank)]
  const second = first.wasKilled ? await reauth(place, bank, null) : first
  const left = await leftOvers(place, bank)
  return [
    ...(isKept ? [] : ['the live chain was nowhere']),
    ...(isSafe ? [] : ['neither the timer nor the switch was on']),
    ...(second.code === 0
      ? []
      : [
          `the same command again ended with ${second.code}: ${second.text.trim().split('\n').slice(-4).join(' / ')}`,
        ]),
    ...left,
  ]
}
