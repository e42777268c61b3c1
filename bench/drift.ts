import { spawnSync } from 'node:child_process'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import { readStackConfig } from '../lib/io/stack-file.ts'

// How long `node scripts/drift.ts` takes beside a bare `ssh hinata-z2 true`, over connections that are made anew each
// time, turn by turn in one run. Usage: node bench/drift.ts [--stack lab], with a lab that is up.

const stack = process.argv[3] ?? 'lab'
const project = join(import.meta.dirname, '..')
const rounds = 10
const config = readStackConfig(stack)
const control = `${userInfo().homedir}/.ssh/bulma-%C`
const plain = config.sshConfig === undefined ? [] : ['-F', config.sshConfig]

const run = (program: string, args: string[]): number => {
  const began = performance.now()
  const { status } = spawnSync(program, args, { cwd: project, stdio: 'ignore' })
  if (status === null || status > 4) throw new Error(`${program} ${args.join(' ')} ended with ${status}`)
  return performance.now() - began
}
const close = (): void => {
  spawnSync('ssh', [...plain, '-o', `ControlPath=${control}`, '-O', 'exit', config.host], { stdio: 'ignore' })
}
const median = (times: number[]): number =>
  [...times].sort((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0

const drift = ['scripts/drift.ts', '--stack', stack]
run(process.execPath, drift)
const bare: number[] = []
const cold: number[] = []
const warm: number[] = []
for (let round = 0; round < rounds; round++) {
  bare.push(run('ssh', [...plain, '-o', 'ControlPath=none', config.host, 'true']))
  close()
  cold.push(run(process.execPath, drift))
  warm.push(run(process.execPath, drift))
}
close()

const seconds = (ms: number): string => `${(ms / 1000).toFixed(3)} s`
const limit = 1.4 * median(bare) + 100
console.log(`ssh ${config.host} true        ${seconds(median(bare))}`)
console.log(`drift, cold connection    ${seconds(median(cold))}   limit ${seconds(limit)}`)
console.log(`drift, live connection    ${seconds(median(warm))}   limit 0.200 s`)
process.exitCode = median(cold) <= limit && median(warm) <= 200 ? 0 : 1
