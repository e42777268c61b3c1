import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { outcome } from '../../lib/outcome.ts'
import { faultsOfMachines, notSeen } from '../faults-of-machines.ts'
import { isAll } from '../run-kind.ts'
import { lookAt, offOf, repairAll } from './repair-run.ts'
import { about, type Row } from './row.ts'
import { newStage, type Stage } from './stage.ts'

// Every fault that a lab can be given: seen as what it is, repaired by up or left to a person with what to do, and never called
// fine before.

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 })

let stage: Stage
beforeAll(async () => {
  stage = await newStage({ recorded: false })
})
afterEach(() => stage.project.lab('mend'))
afterAll(() => stage.end())

/** These take the only token away themselves: what is tried is that nothing else does. */
const takesToken = /^(token-(absent|broken|no-refresh|folder)|poll-(dead|approval)|host-mount)/

const familyOf = (kind: string): Row['family'] => {
  if (/^(container|address|bind-mount)/.test(kind)) return 'proxmox and container'
  if (/^(timer|legacy-unit)/.test(kind)) return 'systemd'
  return kind === 'last-poll' ? 'banks' : 'files'
}

/** A moment is another one in each run. */
const timeless = (text: string): string =>
  text
    .replace(/\b(Mon|Tue|Wed|Thu|Fri|Sat|Sun) \d\d:\d\d( UTC)?|\d{4}-\d\d-\d\d|\b\d\d:\d\d\b/g, '…')
    .replace(/\b\d+ (seconds?|minutes?|min|hours?|h)\b/g, '… $1')
    .replace(/\/tmp\/[^ ,]*?\/\.lab/g, '.lab')

const codes: Record<string, number> = { holds: 0, differs: 2, 'needs-person': 4, unknown: 3 }

// One of some kinds where it is only a sample: the labs' own tests try all of them.
const kinds = new Map(faultsOfMachines.map((fault) => [fault.kind, fault]))
const tried = isAll ? faultsOfMachines : [...kinds.values()].slice(0, 4)

describe.each(tried)('$name', ({ name, says, kind }) => {
  it('is seen as what it is, and repaired or left to a person', async ({ task }) => {
    const row = about(task, {
      family: familyOf(kind),
      fault: says,
      sees: '21 hold: it keeps nobody from anything',
      exit: 'drift 0',
      after: 'unchanged',
    })
    await stage.project.lab('break', name)
    const seen = await lookAt(stage.project)
    const causes = seen.look.findings.filter(({ state, cause }) => state !== 'holds' && cause === null)
    const code = outcome(seen.look.findings)
    if (notSeen.has(name)) expect(causes).toEqual([])
    else {
      expect(new Set(causes.map((one) => one.kind))).toEqual(new Set([kind]))
      expect(code).not.toBe(0)
      row.sees = [...new Set(causes.map((one) => timeless(one.seen)))].join('; ')
    }
    row.exit = `drift ${code}`
    for (const command of isAll ? ['drift', 'doctor'] : ['drift']) {
      const ended = await stage.run(command)
      if (command === 'drift') expect(ended.code).toBe(code)
      else if (code !== 0) row.exit += `, doctor ${ended.code}`
      expect(ended.err).not.toMatch(/this is a bug/)
    }
    if (causes.length > 0) {
      const done = await repairAll(stage.project, seen)
      for (const { said } of done) stage.hears(said, name)
      const left = await lookAt(stage.project)
      const still = left.look.findings.filter(({ state, cause }) => state !== 'holds' && cause === null)
      const wasMendable = causes.some(({ state }) => state === 'differs')
      // What `up` repairs it has repaired, unless the repair said that it could not.
      for (const { name: id, code: ended } of done) if (ended === 0) expect(offOf(left)).not.toContain(id)
      for (const one of still)
        if (one.state !== 'differs') expect([one.id, one.next]).toEqual([one.id, expect.stringMatching(/\S/)])
        else expect(done.find(({ name: id }) => id === one.id)?.code).not.toBe(0)
      row.exit += `; after up ${outcome(left.look.findings)}`
      row.after =
        still.length === 0
          ? 'repaired'
          : wasMendable
            ? 'as far as it can be repaired; the rest is seen again'
            : 'left to a person, with what to do'
      expect(codes[still[0]?.state ?? 'holds']).toBeDefined()
    }
    if (!takesToken.test(name)) await stage.keepsChains()
    await stage.project.lab('mend', name)
    expect(offOf(await lookAt(stage.project))).toEqual([])
  })
})
