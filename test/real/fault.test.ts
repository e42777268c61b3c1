import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { faults } from '../../lab/fault/catalogue.ts'
import { newProject, type Project } from '../e2e/project.ts'
import { faultsOfMachines, notSeen } from '../faults-of-machines.ts'

// Every fault by name does on a real Z2 what it says: a look sees the kind that it breaks, and its mend brings back what was.

let project: Project

beforeAll(async () => {
  project = await newProject()
  await project.lab('up')
})
afterEach(() => project.lab('mend'))
afterAll(() => project.end())

const kinds = async (): Promise<string[]> => {
  const { json } = await project.drift()
  const off = json.findings.filter(({ state, cause }) => state !== 'holds' && cause === null)
  return [...new Set(off.map(({ kind }) => kind))]
}

describe.each(faultsOfMachines)('$name', ({ name, kind }) => {
  it('is seen as what it is, and mended as if it had never been', async () => {
    await project.lab('break', name)
    expect(await kinds()).toEqual(notSeen.has(name) ? [] : [kind])
    await project.lab('mend', name)
    expect(await kinds()).toEqual([])
  })
})

const outcomes: Record<string, RegExp> = {
  'port-refused': /Connection refused/,
  'host-key': /Host key verification failed/,
  'cut-output': /the look was cut short/,
  'black-hole': /timed out/,
  'pct-missing': /pct: No such file or directory/,
  'pct-hangs': /pct exec did not answer in time/,
}

describe.each(faults.filter(({ kind }) => kind === 'look'))('$name', ({ name }) => {
  it('keeps one from looking, or does not, and is gone when it is mended', async () => {
    await project.lab('break', name)
    const { code, out, err } = await project.script('drift', ['--stack', 'lab'])
    expect(code).toBe(notSeen.has(name) ? 0 : 3)
    expect(out + err).toMatch(outcomes[name] ?? /21 hold/)
    await project.lab('mend', name)
    expect(await kinds()).toEqual([])
  })
})

describe('what keeps one from repairing', () => {
  const said = async (command: string): Promise<string> => {
    const { code, out, err } = await project.ssh(command)
    return `${code} ${out}${err}`
  }
  const timer = 'pct exec 109 -- systemctl enable bulma-poll-monzo.timer'

  it('repair-fails-enable: systemctl enable meets a read-only file system', async () => {
    await project.lab('break', 'timer-disabled-monzo', 'repair-fails-enable')
    expect(await said(timer)).toMatch(/^1 Failed to enable unit: .*Read-only file system/)
    await project.lab('mend')
    expect(await said(timer)).toMatch(/^0 /)
  })

  it('repair-fails-chmod: the kernel refuses to change a mode, and reads and writes go on', async () => {
    const chmod = 'chmod 600 /mnt/data/hinata/data/bulma/tokens_monzo.json'
    await project.lab('break', 'repair-fails-chmod')
    expect(await said(chmod)).toMatch(/^1 .*Read-only file system/)
    expect(await said(`perl -e 'chmod(0600, "/etc/fstab") or die "$!\\n"'`)).toMatch(
      /^30 Read-only file system/,
    )
    expect(await said('echo written >/root/probe && cat /root/probe')).toBe('0 written\n')
    await project.lab('mend')
    expect(await said(`${chmod}; chmod 646 /mnt/data/hinata/data/bulma/tokens_monzo.json`)).toBe('0 ')
  })

  it.each(['morning', 'evening'])(
    'repair-fails-legacy-%s: the timer is back after the next daemon-reload',
    async (half) => {
      const file = `/etc/systemd/system/hinata-poll-truelayer-${half}.timer`
      await project.lab('break', `legacy-${half}`, `repair-fails-legacy-${half}`)
      expect(await said(`rm ${file}; systemctl daemon-reload; ls ${file}`)).toBe(`0 ${file}\n`)
      await project.lab('mend')
      expect(await said(`ls ${file}`)).toMatch(/^2 /)
      expect(await kinds()).toEqual([])
    },
  )
})

it('all faults can lie on top of each other, be planted again, and be mended together', async () => {
  const names = faults.map(({ name }) => name)
  await project.lab('break', ...names)
  await project.lab('break', ...names)
  await project.lab('mend')
  expect(await kinds()).toEqual([])
})
