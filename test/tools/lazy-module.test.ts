import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectDir } from '../../lib/io/project.ts'

// What the SDK rarely uses is loaded when it is used, by a node that starts as Pulumi starts our program.

const start = ['--require', join(projectDir, 'tools/compile-cache.cjs'), '--input-type=commonjs', '--eval']
const loaded = `Object.keys(require.cache).map((path) => path.match(/node_modules.(typescript|@npmcli.arborist|normalize-package-data)./)?.[1]).filter((name, at, all) => name && all.indexOf(name) === at)`

const shown = (program: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [...start, program], {
      cwd: projectDir,
      encoding: 'utf8',
      env: {},
      stdio: 'pipe',
    }),
  )

it('the SDK starts without what only turns functions into text', () => {
  expect(shown(`require('@pulumi/pulumi'); console.log(JSON.stringify(${loaded}))`)).toEqual([])
})

it('and can still do that', () => {
  const program = `
    const pulumi = require('@pulumi/pulumi')
    const answer = 42
    pulumi.runtime.serializeFunction(() => answer).then(({ text }) => console.log(JSON.stringify([text, ${loaded}])))`
  expect(shown(program)).toEqual([expect.stringMatching(/answer: 42/), ['typescript']])
})

it('and can still find the packages of a function', () => {
  const program = `
    const { runtime } = require('@pulumi/pulumi')
    runtime.computeCodePaths().then((paths) => console.log(JSON.stringify([[...paths.keys()].some((path) => path.includes('node_modules')), ${loaded}])))`
  expect(shown(program)).toEqual([true, expect.arrayContaining(['@npmcli/arborist'])])
})

it("anybody else's request for such a package gets the package itself", () => {
  const program = `console.log(JSON.stringify([typeof require('normalize-package-data'), Object.keys(require('typescript')).length > 100]))`
  expect(shown(program)).toEqual(['function', true])
})
