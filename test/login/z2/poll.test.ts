import { renameSync, rmSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Mark, Me } from '../../../lib/login/order.ts'
import { Z2Place } from './place.ts'

// One poll of our own, and what is said of it. The simulated poller asks a bank that does not listen, or writes what a test
// wants it to have written.

let z2: Z2Place
let me: Me
const log = '/mnt/data/hinata/data/bulma/poll-monzo.log'
beforeEach(async () => {
  z2 = new Z2Place('monzo')
  me = (await z2.stopped()).me
})
afterEach(() => z2.end())

async function poll(): Promise<Mark> {
  const reply = await z2.ask({ do: 'poll', me })
  if ('failed' in reply) throw new Error(reply.failed)
  return reply.mark
}
async function polled(mark: Mark) {
  const reply = await z2.ask({ do: 'polled', mark })
  if ('failed' in reply) throw new Error(reply.failed)
  return reply
}
async function ended(mark: Mark) {
  for (let tries = 0; tries < 50; tries += 1) {
    const reply = await polled(mark)
    if (!reply.running) return reply
    await wait(100)
  }
  throw new Error('the poll does not end')
}
const append = (text: string): void => z2.write(log, `${z2.read(log) ?? ''}${text}`, 0o644)
/** A poll that writes these lines and ends. */
const pollerSays = (text: string): void =>
  z2.world.write(
    'ct109',
    '/opt/bulma/poll',
    `#!/bin/sh\nprintf '%s' '${text}' >>root/data/bulma/poll-monzo.log\n`,
    { mode: 0o755 },
  )

describe('one poll', () => {
  it('is told by its own lines only', async () => {
    append(
      '2026-11-22 06:00:00 refresh failed: HTTP 401: Bad refresh token\n2026-11-22 06:00:01 99 transactions\n',
    )
    pollerSays(
      '2026-11-22 07:00:00 tokens loaded\n2026-11-22 07:00:01 refresh ok\n2026-11-22 07:00:02 2 accounts, 14 transactions, total -83.20 GBP\n2026-11-22 07:00:02 done\n',
    )
    const result = await ended(await poll())
    expect(result).toMatchObject({ running: false, ran: true, result: 'success', transactions: 14 })
    expect(result.events.map(({ kind }) => kind)).toEqual(['refresh-ok', 'transactions', 'done'])
    expect(result.events[0]?.time).toBe('2026-11-22 07:00:01')
    expect(result.lines).toHaveLength(4)
  })

  it('that fails is told by systemd as well', async () => {
    const result = await ended(await poll())
    expect(result).toMatchObject({ ran: true, result: 'exit-code', transactions: null })
    expect(result.events.map(({ kind }) => kind)).toEqual(['trouble'])
  })

  it('that runs is said to run', async () => {
    z2.world.write('ct109', '/opt/bulma/poll', '#!/bin/sh\nsleep 2\n', { mode: 0o755 })
    const mark = await poll()
    expect(await polled(mark)).toMatchObject({ running: true, ran: true })
    expect(await ended(mark)).toMatchObject({ running: false, ran: true, events: [], lines: [] })
  })

  it('that was running already counts as ours', async () => {
    z2.world.write('ct109', '/opt/bulma/poll', '#!/bin/sh\nsleep 2\n', { mode: 0o755 })
    await z2.shell('pct exec 109 -- systemctl start --no-block bulma-poll-monzo.service')
    const mark = await poll()
    expect(mark.running).toBe(true)
    expect(await ended(mark)).toMatchObject({ ran: true, result: 'success' })
  })

  it('is not taken for ours when it is an earlier one', async () => {
    pollerSays('2026-11-22 07:00:00 5 transactions\n')
    await ended(await poll())
    const { inode, size } = await poll()
    const now = await polled({ inode, size: 0, invocation: await invocation(), running: false })
    expect(now).toMatchObject({ ran: false, events: [], transactions: null, lines: [] })
    expect(size).toBeGreaterThan(0)
  })

  it('is read from the beginning of a log that was begun anew or cut', async () => {
    pollerSays('2026-11-22 07:00:00 5 transactions\n')
    const mark = await poll()
    await ended(mark)
    renameSync(z2.path(log), z2.path(`${log}.1`))
    z2.write(log, '2026-11-22 07:01:00 7 transactions\n', 0o644)
    expect(await polled(mark)).toMatchObject({ transactions: 7 })
    expect(await polled({ ...mark, size: 1_000_000 })).toMatchObject({ transactions: 7 })
    rmSync(z2.path(log))
    expect(await polled(mark)).toMatchObject({ ran: true, lines: [] })
  })

  it('leaves at most 15 lines, masked and without control characters', async () => {
    const secret = 'A'.repeat(40)
    pollerSays(`${'one line\n'.repeat(30)}\u001b[31mred\u001b[0m \u202e${secret} end\n`)
    const { lines } = await ended(await poll())
    expect(lines).toHaveLength(15)
    expect(lines.at(-1)).toBe('red [MASKED] end')
    expect((await z2.run({ do: 'tail', lines: 3 })).out).not.toContain(secret)
  })

  it('a log that is a link is not followed', async () => {
    pollerSays('')
    const mark = await poll()
    rmSync(z2.path(log))
    z2.write('/root/outside', 'root:x:99 transactions\n')
    z2.world.link('z2', log, z2.path('/root/outside'))
    expect(await ended(mark)).toMatchObject({ lines: [], transactions: null })
  })

  it('a container that is stopped is said to be', async () => {
    const mark = await poll()
    z2.world.pct('stop', '109')
    const failed = "container '109' not running!"
    expect(await z2.ask({ do: 'poll', me })).toEqual({ failed })
    expect(await z2.ask({ do: 'polled', mark })).toEqual({ failed })
    expect(await z2.ask({ do: 'tail', lines: 15 })).toEqual({ failed })
  })

  it('a service that is not there is said to be', async () => {
    await z2.shell(
      'pct exec 109 -- sh -c "rm .lab/ct109/etc/systemd/system/bulma-poll-monzo.service; systemctl daemon-reload"',
    )
    expect(await z2.ask({ do: 'poll', me })).toEqual({ failed: expect.stringContaining('not found') })
  })
})

const invocation = async (): Promise<string> =>
  (await z2.shell('pct exec 109 -- systemctl show bulma-poll-monzo.service -p InvocationID')).out
    .trim()
    .replace('InvocationID=', '')

describe("the runbooks' Verify", () => {
  it('is the end of the log as the container sees it', async () => {
    append('last line\n')
    const reply = await z2.ask({ do: 'tail', lines: 2 })
    expect(reply).toEqual({ lines: [expect.stringMatching(/ done$/), 'last line'] })
  })

  it('says why where there is no log', async () => {
    rmSync(z2.path(log))
    expect(await z2.ask({ do: 'tail', lines: 15 })).toEqual({ failed: expect.stringMatching(/No such file/) })
  })
})
