import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { cpus, loadavg, release, totalmem } from 'node:os'
import type { Engine } from '../tools/engine.ts'
import { pinned } from './tool.ts'

/** The load of the last minute, for the reader to judge how quiet it was. */
export const load = (): string => (loadavg()[0] ?? 0).toFixed(2)

const said = (program: string, args: string[]): string => {
  const { stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' })
  return (stdout.trim() || stderr.trim()).split('\n')[0] ?? ''
}

/** What was measured on, and with which versions: a line each. */
export const machine = (engine: Engine): string[] => [
  `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GB, Linux ${release()}, Debian ${readFileSync('/etc/debian_version', 'utf8').trim()}`,
  `Node ${process.versions.node}, ${said('ssh', ['-V'])}, ${said('python3', ['--version'])}`,
  engine.says,
  `ansible-core ${pinned('ansible', 'ansible-core')}, mitogen ${pinned('ansible', 'mitogen')}, pyinfra ${pinned('pyinfra', 'pyinfra')}`,
]
