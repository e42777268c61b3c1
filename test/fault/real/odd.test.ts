import { afterAll, beforeAll, expect, it, vi } from 'vitest'
import { banks } from '../../e2e/login-place.ts'
import { about } from '../row.ts'
import { newStage, type Stage } from '../stage.ts'

// What only a real systemd and a real file system can be: degraded, in a loop, immutable.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage()
  for (const bank of banks) await stage.place.logsIn(bank)
})
afterAll(() => stage.end())

const data = '/mnt/data/hinata/data/bulma'
const inside = (command: string): string => `pct exec 109 -- sh -c '${command}'`

async function onZ2(command: string): Promise<string> {
  const { code, out, err } = await stage.project.ssh(command)
  expect(code, `${command}: ${out}${err}`).toBe(0)
  return out.trim()
}

it('a system that is degraded by a unit of nobody, on Z2 and in CT109, is as documented', async ({
  task,
}) => {
  about(task, {
    family: 'systemd',
    fault: 'a degraded system: a unit that has nothing to do with it has failed, on z2 and in ct109',
    sees: '21 hold',
    exit: 'drift 0, doctor 0, status 0, up 0, reauth 0',
    after: 'the failed unit is left as it is',
  })
  const fail = 'systemd-run --quiet --unit=broken-of-nobody false; sleep 0.5; systemctl is-system-running'
  for (const command of [fail, inside(fail)])
    expect((await stage.project.ssh(command)).out.trim()).toBe('degraded')
  try {
    for (const [name = '', ...more] of [['drift'], ['doctor'], ['status'], ['up', '--yes']]) {
      const { code, out, err } = await stage.run(name, more)
      expect([name, code], out + err).toEqual([name, 0])
    }
    for (const bank of banks) await stage.place.logsIn(bank)
    expect(await onZ2('systemctl is-failed broken-of-nobody.service')).toBe('failed')
  } finally {
    const forget = 'systemctl reset-failed'
    await stage.project.ssh(`${forget}; ${inside(forget)}`)
  }
})

it('a poll in a restart loop is never called healthy, and says what to look at', async ({ task }) => {
  about(task, {
    family: 'systemd',
    fault: 'the service of a poll in a restart loop: it fails without a word in its log',
    sees: 'bulma-poll-monzo.service fails (exit-code) and is started again and again',
    exit: 'drift 4, doctor 4, status 4',
    after: 'as it was; without the loop all holds',
  })
  const service = 'bulma-poll-monzo.service'
  const folder = `/etc/systemd/system/${service}.d`
  const text = [
    '[Unit]',
    'StartLimitIntervalSec=0',
    '[Service]',
    'Type=simple',
    'ExecStart=',
    'ExecStart=false',
  ]
  const loop = [...text, 'Restart=on-failure', 'RestartSec=60', ''].join('\\n')
  await onZ2(inside(`mkdir ${folder}; printf "${loop}" >${folder}/loop.conf; systemctl daemon-reload`))
  await onZ2(inside(`systemctl start ${service}; sleep 1`))
  try {
    for (const name of ['drift', 'doctor', 'status']) {
      const { code, out, err } = await stage.run(name)
      expect([name, code], out + err).toEqual([name, 4])
      if (name === 'drift')
        expect(out.replace(/\s+/g, ' ')).toContain(`${service} fails (exit-code) and is started`)
      if (name === 'status') expect(out).not.toContain('polling now')
    }
  } finally {
    await onZ2(
      inside(
        `rm -r ${folder}; systemctl daemon-reload; systemctl stop ${service}; systemctl start ${service}`,
      ),
    )
  }
  expect(await stage.off()).toEqual([])
})

it('a token file that is immutable is told, and no login is begun that could not end', async ({ task }) => {
  about(task, {
    family: 'files',
    fault: 'an immutable token file (chattr +i)',
    sees: 'ct109 cannot write it; of a login, that another could not take its place',
    exit: 'drift 2, doctor 2, status 2, up 2, reauth 4',
    after: 'the file is as it was, no browser opened; once it may be changed, up repairs it',
  })
  const path = `${data}/tokens_monzo.json`
  await onZ2(`chattr +i ${path}`)
  const before = await onZ2(`stat -c '%i %Y %Z' ${path}; sha256sum ${path}`)
  try {
    for (const [name = '', ...more] of [['drift'], ['doctor'], ['status'], ['up', '--yes']]) {
      const { code, out, err } = await stage.run(name, more)
      expect([name, code], out + err).toEqual([name, 2])
      if (name === 'drift') expect(out).toContain('ct109 cannot write it')
    }
    const person = stage.place.person('reauth', 'monzo', '--anyway', '--yes')
    expect(await person.end(), person.shown).toBe(4)
    expect(person.shown).toContain(
      'tokens_monzo.json on z2 is immutable, so another could not take its place',
    )
    expect(person.shown).toMatch(/^next: +ssh .* chattr -i -a .*tokens_monzo\.json$/m)
    expect(person.shown).not.toContain('response_type=code')
    expect(await onZ2(`stat -c '%i %Y %Z' ${path}; sha256sum ${path}`)).toBe(before)
  } finally {
    await onZ2(`chattr -i ${path}`)
  }
  expect((await stage.run('up', ['--yes'])).code).toBe(0)
  expect(await stage.off()).toEqual([])
})
