import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { exitCode } from '../lib/exit-code.ts'
import { exitWith } from '../lib/io/problem-report.ts'
import { ensureEngine } from '../tools/engine.ts'
import type { Bench } from './bench.ts'
import { contenders } from './contender.ts'
import { requireCorrect } from './correctness.ts'
import { load } from './machine.ts'
import { measureComparison } from './measurement/comparison.ts'
import { measureCost } from './measurement/cost.ts'
import { measureDistance } from './measurement/distance.ts'
import { measureEngine } from './measurement/engine.ts'
import { measureGrowth } from './measurement/growth.ts'
import { measureHosts } from './measurement/hosts.ts'
import { measureLook } from './measurement/look.ts'
import { measureSlowPct } from './measurement/slow-pct.ts'
import { ensurePackages } from './requirement.ts'
import { renderResult } from './result.ts'
import { type Part, renderPart, renderRows } from './table.ts'
import { ensureTools } from './tool.ts'
import { openTrial } from './trial.ts'

const help = `npm run bench -- [--quick] [--only NAME]

Measures the look, the preview and the repair beside other programs, on a real
lab of its own, and writes bench/results.md. Debian, as root; takes some minutes,
and installs what it lacks.

  --quick      one repetition of each, to see whether it runs; writes nothing
  --only NAME  one measurement; writes nothing

measurements: `

const measurements: Record<string, (bench: Bench) => Promise<Part>> = {
  look: measureLook,
  comparison: measureComparison,
  growth: measureGrowth,
  hosts: measureHosts,
  engine: measureEngine,
  cost: measureCost,
  'slow-pct': measureSlowPct,
  'distance-20': (bench) => measureDistance(bench, 20),
  'distance-100': (bench) => measureDistance(bench, 100),
}

const tell = (line: string): void => void process.stderr.write(`${line}\n`)

/** Everything that is chosen, on a lab that is there for it alone. */
async function measureAll(chosen: string[], isQuick: boolean): Promise<{ parts: Part[]; text: string }> {
  const log = join(import.meta.dirname, '.tools/log')
  mkdirSync(join(import.meta.dirname, '.tools'), { recursive: true })
  writeFileSync(log, '')
  ensurePackages(tell)
  const tools = await ensureTools()
  const engine = await ensureEngine()
  const run = { began: new Date(), loadBefore: load() }
  const started = performance.now()
  tell('booting a real lab')
  const opening = openTrial(log)
  const interrupt = (): void => {
    tell('interrupted: taking the lab down')
    const ended = opening.then(({ end }) => end())
    void ended.finally(() => process.exit(exitCode.interrupted))
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt)
  const trial = await opening
  const sockets = join(trial.folder, 'socket')
  mkdirSync(sockets)
  const all = contenders(tools, sockets)
  const bench: Bench = { trial, tools, engine, sockets, all, rounds: (wanted) => (isQuick ? 1 : wanted) }
  try {
    tell('each program must find the same three drifts')
    await requireCorrect(all, trial)
    const parts: Part[] = []
    for (const name of chosen) {
      tell(`measuring ${name}, load ${load()}`)
      parts.push(await (measurements[name] as (typeof measurements)[string])(bench))
    }
    return { parts, text: renderResult(parts, bench, { ...run, tookMs: performance.now() - started }) }
  } finally {
    for (const one of all) await one.forget(trial.way)
    await trial.end()
  }
}

async function main(): Promise<number> {
  const names = Object.keys(measurements)
  const { values } = parseArgs({
    options: { quick: { type: 'boolean' }, only: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
  })
  const { quick = false, only } = values
  const chosen = names.filter((name) => only === undefined || name === only)
  if (values.help || chosen.length === 0) {
    console.log(help + names.join(', '))
    return values.help ? exitCode.asWanted : exitCode.usage
  }
  const { parts, text } = await measureAll(chosen, quick)
  console.log(renderRows(parts.flatMap(({ rows }) => rows)))
  if (only !== undefined) console.log(`\n${parts.map(renderPart).join('\n\n')}`)
  if (only === undefined && !quick) writeFileSync(join(import.meta.dirname, 'results.md'), text)
  return exitCode.asWanted
}

await exitWith(main())
