import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { runWell } from '../../bench/child.ts'
import type { Contender } from '../../bench/contender.ts'
import { requireCorrect } from '../../bench/correctness.ts'
import { ensurePackages, type Host } from '../../bench/requirement.ts'
import { notInstalled } from '../../bench/tool.ts'
import { labWay } from '../../bench/way.ts'
import type { Problem } from '../../lib/problem.ts'

const folder = mkdtempSync(join(tmpdir(), 'bulma-bench-problem-'))
const log = join(folder, 'log')
afterAll(() => rmSync(folder, { recursive: true }))

const linesOf = async (work: () => unknown): Promise<unknown> => {
  try {
    await work()
  } catch (error) {
    return (error as Problem).lines
  }
  return 'nothing was thrown'
}

describe('what the bench needs of the machine', () => {
  const host: Host = { isRootOnDebian: true, missing: () => ['time', 'debootstrap'], install: () => true }
  const told: string[] = []
  const ensure = (changed: Partial<Host>) => () =>
    ensurePackages((line) => void told.push(line), { ...host, ...changed })

  it('is Debian and root', async () => {
    expect(await linesOf(ensure({ isRootOnDebian: false }))).toEqual({
      what: 'the bench cannot run here',
      why: 'it boots the real lab, which needs Debian and root',
      next: 'sudo npm run bench, on Debian',
      left: 'nothing was measured',
    })
  })

  it('is installed, and told, where it is missing', async () => {
    const installed: string[][] = []
    const install = (packages: string[]): boolean => installed.push(packages) > 0
    expect(await linesOf(ensure({ install }))).toBe('nothing was thrown')
    expect(installed).toEqual([['time', 'debootstrap']])
    expect(told).toEqual(['installing from Debian: time debootstrap'])
  })

  it('is named where it cannot be installed', async () => {
    expect(await linesOf(ensure({ install: () => false }))).toEqual({
      what: 'the bench cannot run here',
      why: 'could not be installed: time debootstrap',
      next: 'apt-get install --no-install-recommends time debootstrap',
      left: 'nothing was measured',
    })
  })

  it('says what pip said where PyPI cannot be reached', () => {
    expect(notInstalled('ERROR: No matching distribution found').lines).toEqual({
      what: 'the programs to compare with could not be installed',
      why: 'ERROR: No matching distribution found',
      next: 'npm run bench',
      left: 'nothing was measured; bench/.tools is safe to delete',
    })
  })
})

describe('a command of the bench', () => {
  it('that fails is shown with the last that it said', async () => {
    const command = { program: '/bin/sh', args: ['-c', 'echo no route >&2; exit 3'], cwd: folder }
    expect(await linesOf(() => runWell(command, log))).toEqual({
      what: 'a command of the bench ended with 3: sh -c echo no route >&2; exit 3',
      why: 'no route',
      next: 'npm run bench',
      left: `nothing was written; all that was said is in ${log}`,
    })
  })

  it('may end with another code where that is an answer', async () => {
    const command = { program: '/bin/sh', args: ['-c', 'echo differs; exit 2'], cwd: folder }
    expect(await runWell(command, log, [0, 2], true)).toMatchObject({ code: 2, out: 'differs\n' })
  })
})

describe('a program that takes part', () => {
  it('and finds what is not there is not measured', async () => {
    const wrong: Contender = {
      name: 'wrong',
      look: () => ({ program: '/bin/echo', args: ['z2/token-file/a'], cwd: folder }),
      codes: [0],
      found: (out) => [out.trim()],
      forget: async () => {},
    }
    const trial = { folder, log, way: labWay(folder, log), end: async () => {} }
    expect(await linesOf(() => requireCorrect([wrong], trial))).toEqual({
      what: 'wrong does not see what is to be seen',
      why: 'there is nothing, and it found z2/token-file/a',
      next: 'npm run bench',
      left: 'nothing was measured, and the lab was taken down',
    })
  })
})
