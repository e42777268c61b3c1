import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { parseHistory } from '../../lib/watch/entry.ts'
import { type Ended, newProject, type Project } from './project.ts'

// Two Z2s at once, each with a stack of its own: two simulations, whatever the suite runs on. No engine.

let project: Project
const here = { BULMA_LAB_DIR: '.lab' }
const barnDir = { BULMA_LAB_DIR: '.lab-barn' }

beforeAll(async () => {
  project = await newProject()
  const lab = readFileSync(join(project.dir, 'Pulumi.lab.yaml'), 'utf8')
  writeFileSync(join(project.dir, 'Pulumi.barn.yaml'), lab.replaceAll('.lab/', '.lab-barn/'))
  // The real stack would be looked for on the network of whoever runs this.
  rmSync(join(project.dir, 'Pulumi.z2.yaml'))
  await lab2('up')
  await labs('up')
})
afterEach(async () => {
  rmSync(join(project.dir, 'Pulumi.wrong.yaml'), { force: true })
  await labs('mend')
  await lab2('mend')
})
afterAll(async () => {
  await lab2('down')
  await labs('down')
  await project.end()
})

async function control(env: Record<string, string>, words: string[]): Promise<void> {
  const { code, out, err } = await project.script('lab', words, env)
  if (code !== 0) throw new Error(`lab ${words.join(' ')}: ${out}${err}`)
}
const labs = (...words: string[]): Promise<void> => control(here, words)
const lab2 = (...words: string[]): Promise<void> => control(barnDir, words)
const drift = (...args: string[]): Promise<Ended> => project.script('drift', ['--all', ...args])
const brief = (text: string): string => text.replace(/\d+\.\d s/g, 'N s')

describe('npm run drift -- --all', () => {
  it('looks at every stack, each under its name', async () => {
    const { code, out, err } = await drift()
    expect([code, err]).toEqual([0, ''])
    expect(brief(out)).toBe(`barn
hinata-z2 · ct109 bulma-finance · 21 hold · N s

lab
hinata-z2 · ct109 bulma-finance · 21 hold · N s
`)
  })

  it('ends with the worst, and names the stack in every command', async () => {
    await lab2('break', 'poll-dead-monzo')
    await labs('break', 'timer-disabled-truelayer')
    const { code, out } = await drift()
    expect(code).toBe(4)
    expect(out).toContain('npm run reauth -- monzo --stack barn')
    expect(out).toContain('npm run up -- --stack lab')
  })

  it('shows the others where one cannot be reached, and says why beside them', async () => {
    await lab2('break', 'port-refused')
    const { code, out, err } = await drift()
    expect([code, err]).toEqual([3, ''])
    expect(out).toMatch(
      /^barn\nerror: cannot look at hinata-z2\nwhy: {3}.*refused\nnext: .*\nleft: .*\n\nlab\nhinata-z2 .* 21 hold/,
    )
  })

  it('shows the others where one has a configuration that is wrong', async () => {
    writeFileSync(join(project.dir, 'Pulumi.wrong.yaml'), 'config:\n  bulma:nope: 1\n')
    const { code, out } = await drift()
    expect(code).toBe(64)
    expect(out).toContain('wrong\nerror: the configuration in Pulumi.wrong.yaml is not valid')
    expect(out.match(/21 hold/g)).toHaveLength(2)
  })

  it('prints one JSON document of the fields that its help tells', async () => {
    await lab2('break', 'port-refused')
    const { code, out } = await drift('--json')
    const json = JSON.parse(out)
    expect([code, json.exitCode]).toEqual([3, 3])
    expect(json.stacks).toMatchObject([
      { stack: 'barn', host: 'hinata-z2', exitCode: 3, problem: { what: 'cannot look at hinata-z2' } },
      { stack: 'lab', exitCode: 0, summary: { holds: 21 } },
    ])
    const { out: help } = await project.script('drift', ['--help'])
    for (const key of ['exitCode', 'stacks', 'leftOut', 'problem']) expect(help).toContain(key)
    expect(help.split('\n').filter((line) => line.length > 80)).toEqual([])
  })

  it('leaves out a lab that is not up, and says so', async () => {
    const lab = readFileSync(join(project.dir, 'Pulumi.lab.yaml'), 'utf8')
    writeFileSync(join(project.dir, 'Pulumi.wrong.yaml'), lab.replaceAll('.lab/', '.lab-nowhere/'))
    const { code, out } = await drift()
    expect(code).toBe(0)
    expect(out).toMatch(/\n\nwrong\nleft out: this lab is not up\n$/)
    expect(JSON.parse((await drift('--json')).out).leftOut).toEqual(['wrong'])
  })

  it('does not go with --stack', async () => {
    const { code, err } = await drift('--stack', 'lab')
    expect([code, err]).toEqual([64, expect.stringContaining('--all and --stack do not go together')])
  })
})

describe('npm run status -- --all', () => {
  it('shows a screen of every stack, ends with the worst, and each history has its look', async () => {
    mkdirSync(join(project.dir, '.lab-barn'), { recursive: true })
    await lab2('break', 'poll-dead-monzo')
    const { code, out, err } = await project.script('status', ['--all'])
    expect([code, err]).toEqual([4, ''])
    expect(out).toMatch(/^barn\nhinata-z2 [\s\S]*refresh dead[\s\S]*\n\nlab\nhinata-z2 [\s\S]*nothing to do/)
    for (const [dir, stack] of [
      ['.lab-barn', 'barn'],
      ['.lab', 'lab'],
    ]) {
      const text = readFileSync(join(project.dir, `${dir}/history/${stack}.jsonl`), 'utf8')
      expect(parseHistory(text).entries.map(({ kind }) => kind)).toEqual(['look'])
    }
    const json = JSON.parse((await project.script('status', ['--all', '--json'])).out)
    expect(json).toMatchObject({ exitCode: 4, stacks: [{ stack: 'barn', exitCode: 4 }, { exitCode: 0 }] })
  })

  it.each([['--watch'], ['--stack=lab']])('does not go with %s', async (flag) => {
    const { code, err } = await project.script('status', ['--all', flag])
    expect([code, err]).toEqual([64, expect.stringContaining('do not go together')])
  })
})
