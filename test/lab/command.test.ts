import { readFileSync, rmSync, statSync } from 'node:fs'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { bankUsage } from '../../lab/bank/command.ts'
import { lab, usage } from '../../lab/command.ts'
import { faults } from '../../lab/fault/catalogue.ts'
import { stopLab } from '../../lab/sim/lifecycle.ts'
import { placeAt } from '../../lab/sim/place.ts'
import { Problem } from '../../lib/problem.ts'
import { temporaryFolder } from './temporary-folder.ts'

const checkout = temporaryFolder('command')
const place = placeAt(checkout)
let own: string | undefined
beforeAll(() => {
  own = process.env.BULMA_LAB_DIR
  delete process.env.BULMA_LAB_DIR
})
afterEach(() => stopLab(place))
afterAll(() => {
  if (own !== undefined) process.env.BULMA_LAB_DIR = own
  rmSync(checkout, { recursive: true, force: true })
})

async function say(...words: string[]): Promise<{ code: number; said: string[] }> {
  const said: string[] = []
  const code = await lab(words, checkout, { say: (line) => said.push(line), tell: () => {} })
  return { code, said }
}

async function refusal(...words: string[]): Promise<object> {
  const error = await say(...words).catch((thrown: unknown) => thrown)
  expect(error).toBeInstanceOf(Problem)
  const { lines, exitCode } = error as Problem
  return { ...lines, exitCode }
}

test('a whole life: up, up again, break, status, mend, down', async () => {
  expect(await say('status')).toEqual({ code: 1, said: ['the lab is down'] })
  const up = await say('up')
  expect(up).toEqual({
    code: 0,
    said: [
      expect.stringMatching(/^the lab is up: hinata-z2 on port \d+, \d\.\d s$/),
      '  ssh -F .lab/ssh_config hinata-z2 true',
    ],
  })
  const port = /port (\d+)/.exec(up.said[0] ?? '')?.[1]
  expect((await say('up')).said).toEqual([
    expect.stringMatching(`^the lab is up already: hinata-z2 on port ${port}, since `),
  ])
  expect(await say('break', 'timer-stopped-monzo', 'legacy-dropin')).toEqual({
    code: 0,
    said: [
      'planted timer-stopped-monzo: bulma-poll-monzo.timer is enabled but stopped: it comes back with the next boot only',
      'planted legacy-dropin: only a drop-in folder of hinata-poll-truelayer-evening.timer is left',
    ],
  })
  expect((await say('status')).said[1]).toBe('planted: timer-stopped-monzo legacy-dropin')
  expect((await say('mend', 'legacy-dropin')).said).toEqual(['mended legacy-dropin'])
  expect((await say('mend')).said).toEqual(['mended timer-stopped-monzo'])
  expect((await say('mend')).said).toEqual(['nothing was planted'])
  expect((await say('status')).said[1]).toBe('no fault is planted')
  expect(await say('down')).toEqual({ code: 0, said: ['the lab is down'] })
  expect(await say('down')).toEqual({ code: 0, said: ['no lab was up'] })
})

test('--fresh renews a lab that runs', async () => {
  await say('up')
  await say('break', 'container-stopped')
  expect(await refusal('up', '--real')).toEqual({
    what: 'a simulated lab is up here',
    why: 'a checkout has one lab at a time',
    next: 'npm run lab -- down',
    left: 'nothing was changed',
    exitCode: 64,
  })
  const renewed = await say('up', '--fresh')
  expect(renewed.said[0]).toMatch(/^the lab is up: /)
  expect((await say('status')).said[1]).toBe('no fault is planted')
})

test('every fault is listed with one line that fits a terminal', async () => {
  const { said } = await say('faults')
  expect(said).toHaveLength(faults.length)
  expect(said.filter((line) => line.length > 140)).toEqual([])
})

test('--help tells everything, and so does no command at all, as a misuse', async () => {
  for (const words of [['--help'], ['break', '--help'], ['help']])
    expect(await say(...words)).toEqual({ code: 0, said: [usage] })
  expect(await say()).toEqual({ code: 64, said: [usage] })
})

test('an unknown fault is answered with near ones', async () => {
  expect(await refusal('break', 'timer-stoped-monzo')).toEqual({
    what: 'no fault is called timer-stoped-monzo',
    why: 'near it: timer-stopped-monzo, timer-masked-monzo, timer-edited-monzo',
    next: 'npm run lab -- faults',
    left: 'nothing was changed',
    exitCode: 64,
  })
  expect(await refusal('mend', 'xyzzy')).toMatchObject({ why: 'nothing is called like that', exitCode: 64 })
})

test('misuse is refused with what to do', async () => {
  expect(await refusal('brake')).toEqual({
    what: 'lab does not know "brake"',
    why: 'it knows up, down, status, faults, break, mend and bank',
    next: 'npm run lab -- --help',
    left: 'nothing was changed',
    exitCode: 64,
  })
  expect(await refusal('break')).toMatchObject({ what: 'lab break needs the name of a fault', exitCode: 64 })
  expect(await refusal('up', '--fast')).toMatchObject({ what: 'unknown option --fast', exitCode: 64 })
  expect(await refusal('status', 'monzo')).toMatchObject({ what: 'lab status takes no names', exitCode: 64 })
})

test('faults are planted in a lab that runs, and nowhere else', async () => {
  expect(await refusal('break', 'legacy-dropin')).toEqual({
    what: 'the lab is down',
    why: 'faults are planted in a lab that runs',
    next: 'npm run lab -- up',
    left: 'nothing was changed',
    exitCode: 1,
  })
})

test('lab bank tells of the banks in words, and as JSON for a program', async () => {
  await say('up')
  const [text = ''] = (await say('bank')).said
  const urls = JSON.parse(readFileSync(place.bank, 'utf8'))
  expect(text.replace(/until \d{4}-\d\d-\d\d \d\d:\d\d/g, 'until THEN').split('\n')).toEqual([
    `monzo  ${urls.monzo}   the app on the phone: ${urls.monzo}/app`,
    expect.stringMatching(
      /^ {2}chain-\d lives, login 1 day ago, approved in the app, access token until THEN$/,
    ),
    '  comes back to: http://localhost:5001/monzo/callback',
    '  comes back to: http://localhost:8766/monzo/callback',
    '',
    `truelayer  ${urls.truelayer}`,
    expect.stringMatching(/^ {2}chain-\d lives, login 1 day ago, access token until THEN$/),
    '  comes back to: http://localhost:5001/truelayer/callback',
    '  comes back to: http://localhost:8766/truelayer/callback',
  ])
  expect(JSON.parse((await say('bank', 'monzo', '--json')).said[0] ?? '')).toMatchObject({
    bank: 'monzo',
    url: urls.monzo,
  })
  expect(await say('bank', 'monzo', 'kill', 'evicted')).toEqual({ code: 0, said: ['monzo: done'] })
  await say('bank', 'monzo', 'set', 'approve=never')
  await say('bank', 'monzo', 'trouble', '429', 'on=data', 'times=2')
  const [after = ''] = (await say('bank', 'monzo')).said
  expect(after.split('\n').slice(1, 5)).toEqual([
    '  no login lives',
    expect.stringMatching(/^ {2}over: chain-\d evicted$/),
    '  set: approve=never',
    '  trouble: 429 on=data times=2',
  ])
  expect((await say('bank', 'monzo', 'audit')).said[0]).toMatch(
    /^\d\d:\d\d:\d\d {2}exchange {10}chain-\d {2}issued [0-9a-f]{16} {2}adopted$/m,
  )
  expect(statSync(place.bank).mode & 0o777).toBe(0o600)
})

test('lab bank says what it needs: a lab, and words that make an order', async () => {
  expect(await refusal('bank')).toEqual({
    what: 'the lab is down',
    why: 'the simulated banks are up with it',
    next: 'npm run lab -- up',
    left: 'nothing was changed',
    exitCode: 1,
  })
  expect(await say('bank', '--help')).toEqual({ code: 0, said: [bankUsage] })
  await say('up')
  expect(await refusal('bank', 'santander')).toEqual({
    what: 'no bank is called santander',
    why: 'there are monzo and truelayer',
    next: 'npm run lab -- bank --help',
    left: 'nothing was changed',
    exitCode: 64,
  })
  expect(await refusal('bank', 'monzo', 'set', 'aprove=never')).toMatchObject({
    what: 'the simulated bank did not do that',
    why: expect.stringContaining('aprove'),
    exitCode: 64,
  })
})
