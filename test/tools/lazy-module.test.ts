import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { projectDir } from '../../lib/io/project.ts'

// What the SDK rarely uses is loaded when it is used, by a node that starts as Pulumi starts our program.

const start = ['--require', join(projectDir, 'tools/compile-cache.cjs'), '--input-type=commonjs', '--eval']
const loaded = `Object.keys(require.cache).map((path) => path.match(/node_modules.(typescript|@npmcli.arborist|normalize-package-data|@opentelemetry.sdk-trace-base|@opentelemetry.exporter-zipkin|source-map-support|@pulumi.pulumi.automation)./)?.[1]).filter((name, at, all) => name && all.indexOf(name) === at)`

const shown = (program: string): unknown =>
  JSON.parse(
    execFileSync(process.execPath, [...start, program], {
      cwd: projectDir,
      encoding: 'utf8',
      env: {},
      stdio: 'pipe',
    }),
  )

it('the SDK starts without what few programs use', () => {
  const program = `
    const atSdk = require('node:module').createRequire(require.resolve('@pulumi/pulumi/cmd/run/tracing'))
    for (const name of ['../../index', './tracing', './instrumentation', 'source-map-support/register']) atSdk(name)
    console.log(JSON.stringify(${loaded}))`
  expect(shown(program)).toEqual([])
})

it('and can still turn a function into text', () => {
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

it('a program can still drive an engine', () => {
  const program = `
    const { automation } = require('@pulumi/pulumi')
    console.log(JSON.stringify([typeof automation.LocalWorkspace.createOrSelectStack, ${loaded}]))`
  expect(shown(program)).toEqual(['function', ['@pulumi/pulumi/automation']])
})

it('a run can still send traces, by --tracing', async () => {
  const spans: string[] = []
  const server = createServer((request, response) => {
    request.on('data', (data: Buffer) => spans.push(data.toString('utf8'))).on('end', () => response.end())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const program = `
    const tracing = require('@pulumi/pulumi/cmd/run/tracing')
    tracing.start('http://127.0.0.1:${port}/spans')
    tracing.newSpan('a look').end()
    tracing.stop()`
  const child = spawn(process.execPath, [...start, program], { cwd: projectDir, env: {}, stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  server.close()
  expect([code, spans.join()]).toEqual([0, expect.stringMatching(/"name":"a look".*"nodejs-runtime-root"/)])
})

it('and take part in the trace of an engine', () => {
  const parent = '0af7651916cd43dd8448eb211c80319c'
  const program = `
    process.env.TRACEPARENT = '00-${parent}-b7ad6b7169203331-01'
    const { withRootContext } = require('@pulumi/pulumi/cmd/run/instrumentation')
    const { context, trace } = require('@opentelemetry/api')
    console.log(JSON.stringify(withRootContext(() => trace.getTracer('t').startSpan('s').spanContext().traceId)))`
  expect(shown(program)).toBe(parent)
})
