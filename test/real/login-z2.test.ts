import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Order as BankOrder, giveOrder } from '../../lab/bank/control.ts'
import { bankRecord } from '../../lab/bank/record.ts'
import { type Config, parseConfig } from '../../lib/config.ts'
import { commandOf, type Z2, z2Of } from '../../lib/io/login/z2.ts'
import type { Me, Order, Sight } from '../../lib/login/order.ts'
import { quote } from '../../lib/quote.ts'
import { newProject, type Project } from '../e2e/project.ts'
import { account, fingerprint, sha256 } from '../login/z2/place.ts'

// What only a real Z2 can show of the orders of a login: a real systemd, a real container whose root is not ours, real pollers.

let project: Project
let config: Config
let z2: Z2
const data = '/mnt/data/hinata/data/bulma'
const staging = '/mnt/data/hinata/data/.bulma-infra-staging'
const tokenFile = `${data}/tokens_monzo.json`
const service = 'bulma-poll-monzo.service'
const timer = 'bulma-poll-monzo.timer'

const z2With = (settings: Record<string, unknown> = {}): Z2 => {
  const place = { sshConfig: '.lab/ssh_config', hostRoot: '.lab/z2', containerRoot: '.lab/ct109' }
  config = parseConfig({ ...place, ...settings }, 'a test')
  return z2Of(config, 'monzo', project.dir)
}

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
  z2 = z2With()
})
afterAll(() => project.end())

const ssh = async (command: string, input?: string): Promise<string> => {
  const { code, out, err } = await project.ssh(command, input)
  if (code !== 0) throw new Error(`${command} ended with ${code}: ${err}`)
  return out
}
/** What an upload leaves in the staging folder; the tokens over stdin, as an argument is everybody's to read. */
const stage = (text: string) => ssh(`umask 077; cat >${staging}/monzo.tokens`, text)
/** The same for a Z2 that may be gone, and without the shared connection, which would not notice. */
const patient = (command: string) => {
  const options = ['ControlPath=none', 'ConnectTimeout=2', 'ServerAliveInterval=1', 'ServerAliveCountMax=2']
  return project.run('ssh', [
    ...['-F', '.lab/ssh_config', ...options.flatMap((one) => ['-o', one])],
    'hinata-z2',
    command,
  ])
}
const inside = (command: string): Promise<string> => ssh(`pct exec 109 -- sh -c ${quote(command)}`)
const bank = (what: BankOrder): Promise<unknown> => {
  const { control } = bankRecord.parse(JSON.parse(readFileSync(join(project.dir, '.lab/bank.json'), 'utf8')))
  return giveOrder(control, what)
}
const see = async (): Promise<Sight> => {
  const reply = await z2.ask({ do: 'see' })
  if ('broken' in reply) throw new Error(reply.why)
  return reply
}

async function take(): Promise<Me> {
  const reply = await z2.ask({ do: 'take', holder: 'a@mac', pid: 1, login: null, seconds: 90 })
  if (!('taken' in reply) || !reply.taken) throw new Error(JSON.stringify(reply))
  const { holder, pid, login } = reply.lease
  return { holder, pid, login }
}
const stop = (me: Me, changes: Partial<Extract<Order, { do: 'stop' }>> = {}) =>
  z2.ask({ do: 'stop', me, switchSeconds: 600, waitSeconds: 5, ...changes })

type Commit = Extract<Order, { do: 'commit' }>

/** Stops the pollers, logs in at the bank and stages what came of it. */
async function staged(): Promise<{ me: Me; order: Commit; text: string }> {
  const me = await take()
  const reply = await stop(me)
  if (reply.state !== 'idle') throw new Error(JSON.stringify(reply))
  return loggedIn(me, reply.refresh)
}

async function loggedIn(me: Me, before: string | null): Promise<{ me: Me; order: Commit; text: string }> {
  const file = (await bank({ bank: 'monzo', do: 'login', terms: { approved: true } })) as {
    refresh_token: string
  }
  const text = `${JSON.stringify(file)}\n`
  await stage(text)
  const order: Commit = {
    do: 'commit',
    me,
    before,
    files: [{ kind: 'tokens', name: 'tokens_monzo.json', sha256: sha256(text) }],
    record: { account, refresh: fingerprint(file.refresh_token), loggedInAt: 1, consentEnd: null },
    carry: true,
  }
  return { me, order, text }
}

async function poll(me: Me) {
  const begun = await z2.ask({ do: 'poll', me })
  if ('failed' in begun) throw new Error(begun.failed)
  for (;;) {
    const reply = await z2.ask({ do: 'polled', mark: begun.mark })
    if ('failed' in reply) throw new Error(reply.failed)
    if (!reply.running) return reply
    await wait(200)
  }
}

/** Everything as it was: the timer runs, nobody holds the lease. */
async function done(me: Me): Promise<void> {
  expect(await z2.ask({ do: 'start', me })).toMatchObject({ started: true, next: true })
  expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
  expect(await see()).toMatchObject({
    lease: null,
    switchArmed: false,
    timer: { active: 'active', next: true },
  })
}

describe.each(['world', 'mapped-owner'])('a login with tokenAccess %s', (tokenAccess) => {
  it('is polled with, rotated by CT109, and leaves nothing that drifts', async () => {
    z2 = z2With({ tokenAccess })
    const { me, order } = await staged()
    const { record } = await see()
    expect(await z2.ask(order)).toMatchObject({ done: true, already: false })
    await bank({ bank: 'monzo', do: 'expireAccess' })
    const polled = await poll(me)
    expect(polled).toMatchObject({ ran: true, result: 'success', transactions: expect.any(Number) })
    expect(polled.events.map(({ kind }) => kind)).toEqual(['refresh-ok', 'transactions', 'done'])
    const after = await see()
    expect(after.record).toMatchObject({
      login: (record?.login ?? me.login - 1) + 1,
      refresh: order.record.refresh,
    })
    expect(after.token.fingerprint).not.toBe(order.record.refresh)
    // asked again after the rotation: committed already, and nothing of the old upload comes back
    expect(await z2.ask(order)).toMatchObject({ done: true, already: true })
    expect((await see()).token.fingerprint).toBe(after.token.fingerprint)
    await done(me)
    if (tokenAccess === 'world') expect(await project.off()).toEqual([])
    z2 = z2With()
  })
})

it('a poll that is asked for begins, though systemd has counted too many starts', async () => {
  const me = await take()
  const many = `for n in 1 2 3 4 5 6 7 8; do systemctl start ${service} || break; done; systemctl show ${service} -p Result`
  expect(await inside(`{ ${many}; } 2>/dev/null`)).toBe('Result=start-limit-hit\n')
  expect(await poll(me)).toMatchObject({ ran: true, result: 'success' })
  await done(me)
})

describe('the switch', () => {
  it('is wound up without a moment in which killing us would lose it, and starts the timer when nobody winds it up', async () => {
    const me = await take()
    await stop(me, { switchSeconds: 60 })
    // More than five times in ten seconds, which systemd lets no unit start that it was not told to.
    // Whatever becomes of who winds it up: a restart of a timer is one job of systemd
    const renew = { do: 'renew', me, seconds: 90, switchSeconds: 60 } as const
    for (let ms = 60; ms <= 260; ms += 20) {
      await project.ssh(
        `timeout -s KILL ${ms / 1000} sh -c ${quote(commandOf(config, 'monzo', renew, 'aa'))}`,
      )
      expect(await z2.ask(renew), `killed after ${ms} ms`).toMatchObject({ mine: true, armed: true })
    }
    expect(await stop(me, { switchSeconds: 5 })).toMatchObject({ state: 'idle' })
    expect(await see()).toMatchObject({ switchArmed: true, timer: { active: 'inactive' } })
    await expect
      .poll(async () => (await see()).timer, { timeout: 12_000, interval: 300 })
      .toMatchObject({ active: 'active', next: true })
    expect(await ssh('systemctl list-units --all --no-legend "bulma-reauth*"')).toBe('')
    await done(me)
  })

  it('a commit after it has fired says so and renames nothing', async () => {
    const { me, order, text } = await staged()
    await stop(me, { switchSeconds: 5 })
    await expect.poll(async () => (await see()).timer.active, { timeout: 12_000 }).toBe('active')
    await stage(text)
    expect(await z2.ask(order)).toMatchObject({ done: false, no: 'switch' })
    expect((await see()).token.fingerprint).toBe(order.before)
    const again = await stop(me)
    expect(again).toEqual({ state: 'idle', refresh: order.before })
    expect(await z2.ask(order)).toMatchObject({ done: true })
    await poll(me)
    await done(me)
  })

  it('tries again until the container runs', async () => {
    const me = await take()
    await stop(me, { switchSeconds: 5 })
    await project.lab('break', 'container-stopped')
    const state = 'systemctl show bulma-reauth-monzo.service -p SubState'
    await expect.poll(() => ssh(state), { timeout: 15_000 }).toBe('SubState=auto-restart\n')
    expect(await stop(me)).toEqual({ state: 'failed', says: "container '109' not running!" })
    expect(await z2.ask({ do: 'release', me })).toEqual({ released: true })
    expect((await see()).switchArmed).toBe(true)
    await project.lab('mend')
    await project.ssh('systemctl start bulma-reauth-monzo.service; systemctl stop bulma-reauth-monzo.timer')
    expect((await see()).timer).toMatchObject({ active: 'active', next: true })
  })

  it('starts a poll where the timer counts from the last one and there was none', async () => {
    const dropIn = `/etc/systemd/system/${timer}.d`
    await inside(
      `mkdir -p ${dropIn}; printf '[Timer]\\nOnCalendar=\\nOnUnitActiveSec=15min\\n' >${dropIn}/since.conf`,
    )
    await ssh('pct reboot 109')
    await expect
      .poll(async () => (await project.ssh('pct exec 109 -- systemctl is-active timers.target')).out, {
        timeout: 20_000,
      })
      .toBe('active\n')
    const me = await take()
    await stop(me, { switchSeconds: 8 })
    expect(await z2.ask({ do: 'start', me })).toEqual({
      started: true,
      next: false,
      says: `${timer} has no next run`,
    })
    expect(await see()).toMatchObject({ switchArmed: true, timer: { active: 'active', next: false } })
    await expect.poll(async () => (await see()).timer.next, { timeout: 30_000, interval: 500 }).toBe(true)
    await inside(`rm -r ${dropIn}; systemctl daemon-reload; systemctl restart ${timer}`)
    await done(me)
  })

  it('and the lease are gone after a reboot of Z2, and the timer runs', async () => {
    const { me, order } = await staged()
    await patient('reboot')
    await expect
      .poll(async () => (await patient(`pct exec 109 -- systemctl is-active ${timer}`)).out, {
        timeout: 40_000,
      })
      .toBe('active\n')
    expect(await see()).toMatchObject({ lease: null, switchArmed: false, issued: me.login })
    expect(await z2.ask(order)).toMatchObject({ done: false, no: 'lease' })
    expect(await take()).toMatchObject({ login: me.login + 1 })
  })
})

describe('idle', () => {
  const dropIn = `/run/systemd/system/${service}.d/restart.conf`

  it('a service that waits for its restart is stopped', async () => {
    const me = await take()
    await inside(
      `mkdir -p ${dropIn.replace(/\/[^/]+$/, '')}; printf '[Service]\\nRestart=on-failure\\nRestartSec=40\\n' >${dropIn}; systemctl daemon-reload`,
    )
    await ssh(`mv ${tokenFile} ${tokenFile}.aside`)
    await project.ssh(`pct exec 109 -- systemctl start ${service}`)
    const shown = await inside(`systemctl show ${service} -p SubState`)
    expect(shown).toBe('SubState=auto-restart\n')
    await ssh(`mv ${tokenFile}.aside ${tokenFile}`)
    expect(await see()).toMatchObject({ service: { active: 'activating', sub: 'auto-restart' } })
    expect(await stop(me)).toMatchObject({ state: 'idle' })
    expect(await inside(`systemctl show ${service} -p ActiveState`)).toMatch(/=(inactive|failed)\n/)
    await inside(
      `rm -r ${dropIn.replace(/\/[^/]+$/, '')}; systemctl daemon-reload; systemctl reset-failed ${service} || true`,
    )
    await done(me)
  })

  it('a poll that runs is waited for, never ended', async () => {
    const me = await take()
    await inside('mkdir -p /run/bulma-lab; echo sleep 4 >/run/bulma-lab/next-monzo')
    await inside(`systemctl reset-failed ${service}; systemctl start --no-block ${service}`)
    const pid = await inside(`systemctl show ${service} -p MainPID`)
    expect(await stop(me, { waitSeconds: 1 })).toEqual({
      state: 'busy',
      unit: service,
      since: expect.stringMatching(/^\w{3} \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/),
    })
    expect(await inside(`systemctl show ${service} -p MainPID`)).toBe(pid)
    expect(await stop(me, { waitSeconds: 9 })).toMatchObject({ state: 'idle' })
    expect(await inside(`systemctl show ${service} -p Result`)).toBe('Result=success\n')
    await done(me)
  })
})

describe("the container's root", () => {
  it.each([
    ['a link out of the folder', `ln -s /etc/shadow`],
    ['a second name of a file of its own', `: >/root/data/bulma/own; ln /root/data/bulma/own`],
    ['a folder', 'mkdir'],
  ])('%s in the place of the tokens is refused, and nothing outside is touched', async (_, plant) => {
    const { me, order } = await staged()
    const before = await ssh('stat -c "%a %u %g %s %Z" /etc/shadow')
    await ssh(`mv ${tokenFile} /root/aside`)
    await inside(`${plant} /root/data/bulma/tokens_monzo.json`)
    expect(await z2.ask({ ...order, before: null })).toMatchObject({ done: false, no: 'link' })
    expect(await ssh('stat -c "%a %u %g %s %Z" /etc/shadow')).toBe(before)
    await ssh(`rm -rf ${tokenFile} ${data}/own; mv /root/aside ${tokenFile}`)
    expect(await z2.ask(order)).toMatchObject({ done: true })
    await done(me)
  })

  it('may plant and remove as fast as it can while commits go on', async () => {
    const { me, order, text } = await staged()
    const before = await ssh('stat -c "%a %u %g %s %Z" /etc/shadow')
    const plant = `until (-e "/tmp/enough") { symlink "/etc/shadow", $ARGV[0]; unlink $ARGV[0] and $planted++ } print $planted`
    const planting = inside(`perl -e '${plant}' /root/data/bulma/tokens_monzo.json`)
    for (let round = 0; round < 6; round += 1) {
      const reply = await z2.ask({ ...order, before: null })
      if (reply.done) await stage(text)
    }
    await inside('touch /tmp/enough')
    expect(Number(await planting)).toBeGreaterThan(2000)
    expect(await ssh('stat -c "%a %u %g %s %Z" /etc/shadow')).toBe(before)
    await project.lab('break', 'token-absent-monzo')
    await project.lab('mend')
    await done(me)
  })

  it('cannot look into the staging folder, nor at the record', async () => {
    await staged()
    expect((await project.ssh(`pct exec 109 -- ls /root/data/.bulma-infra-staging`)).code).not.toBe(0)
    expect(await ssh(`stat -c "%a %u" ${staging} /var/lib/bulma-infra`)).toBe('700 0\n700 0\n')
  })
})

describe('the disk', () => {
  it('that is full refuses, and the old file stays as it is', async () => {
    const { me, order } = await staged()
    const old = await ssh(`stat -c "%i %Y" ${tokenFile}; sha256sum <${tokenFile}`)
    await project.ssh('dd if=/dev/zero of=/mnt/data/fill bs=64k 2>/dev/null')
    expect(await z2.ask(order)).toMatchObject({
      done: false,
      no: 'disk',
      says: expect.stringContaining('No space left'),
    })
    expect(await ssh(`stat -c "%i %Y" ${tokenFile}; sha256sum <${tokenFile}`)).toBe(old)
    expect(await ssh(`ls ${staging}`)).toBe('monzo.tokens\n')
    await ssh('rm /mnt/data/fill')
    expect(await z2.ask(order)).toMatchObject({ done: true })
    await done(me)
  })

  it('that is read-only refuses, and the old file stays as it is', async () => {
    const { me, order } = await staged()
    const old = await ssh(`stat -c "%i %Y" ${tokenFile}; sha256sum <${tokenFile}`)
    await ssh('mount -o remount,bind,ro /mnt/data')
    expect(await z2.ask(order)).toMatchObject({
      done: false,
      no: 'disk',
      says: expect.stringContaining('Read-only'),
    })
    expect(
      await z2.ask({ do: 'take', holder: 'b@mac', pid: 2, login: null, seconds: 9, over: me }),
    ).toMatchObject({
      broken: expect.stringMatching(/disk|folder/),
    })
    await ssh('mount -o remount,bind,rw /mnt/data')
    expect(await ssh(`stat -c "%i %Y" ${tokenFile}; sha256sum <${tokenFile}`)).toBe(old)
    expect(await z2.ask(order)).toMatchObject({ done: true })
    await done(me)
  })
})

describe('SIGKILL at any moment of a commit', () => {
  const rounds = 20
  const patienceMs = 300_000

  it(`leaves one whole chain and a record that tells which, ${rounds} times`, {
    timeout: patienceMs,
  }, async () => {
    await stop(await take())
    let before = await see()
    /** a commit of a new login, run on Z2 by another program; its words are printed on standard error by `how` */
    const commit = async (how: string) => {
      const { me, order } = await loggedIn(await take(), before.token.fingerprint)
      const { err } = await project.ssh(`${how} sh -c ${quote(commandOf(config, 'monzo', order, 'aa'))}`)
      return { me, order, err }
    }
    const clocked = await commit(
      `perl -MTime::HiRes=time -e '$t = time; system @ARGV; printf STDERR "%d", 1000 * (time - $t)'`,
    )
    let reachMs = Number(clocked.err)
    expect(reachMs).toBeGreaterThan(20)
    before = await see()
    const seen = { old: 0, new: 0 }
    for (let round = 0; round < rounds; round += 1) {
      // towards the moment that counts, from whichever side, however busy this machine is
      const ms = Math.ceil(reachMs * (0.7 + 0.6 * Math.random()))
      const { me, order } = await commit(`timeout -s KILL ${ms / 1000}`)
      const now = await see()
      const isNew = now.token.fingerprint === order.record.refresh
      seen[isNew ? 'new' : 'old'] += 1
      reachMs *= isNew ? 0.85 : 1.2
      expect(now.token, `after ${ms} ms`).toMatchObject({
        state: 'file',
        fingerprint: isNew ? order.record.refresh : order.before,
      })
      expect(now.record, `after ${ms} ms`).toEqual(
        isNew ? expect.objectContaining({ login: me.login, refresh: order.record.refresh }) : before.record,
      )
      expect(await z2.ask(order), `after ${ms} ms`).toMatchObject({ done: true, already: isNew })
      before = await see()
      expect(before).toMatchObject({
        token: { fingerprint: order.record.refresh },
        record: { login: me.login },
      })
    }
    expect(await ssh(`ls ${staging}; ls /var/lib/bulma-infra`)).toBe('monzo.json\nmonzo.login\n')
    expect(seen.old).toBeGreaterThan(0)
    expect(seen.new).toBeGreaterThan(0)
    const me = await take()
    expect(await poll(me)).toMatchObject({ result: 'success' })
    await done(me)
  })
})
