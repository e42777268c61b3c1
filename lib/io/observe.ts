import { closeSync, openSync, readSync } from 'node:fs'
import { declare } from '../../stacks/declaration.ts'
import type { Config } from '../config.ts'
import type { Look, Observed } from '../outcome.ts'
import { probeCommand } from '../probe.ts'
import { probeText } from './probe-text.ts'
import { projectDir } from './project.ts'
import { askOverSsh } from './ssh-look.ts'

/**
 * One look at everything: starts ssh before it does anything else, and loads what judges the answer while it waits.
 * @throws Problem (3) when Z2 could not be looked at
 */
export async function observe(config: Config, stack: string): Promise<Observed> {
  const started = performance.now()
  const lookedAt = new Date().toISOString()
  const declaration = declare(config)
  const id = randomId()
  const answer = askOverSsh(config, probeCommand(declaration, probeText(), id), projectDir)
  const { judgeAnswer } = await import('./answer.ts')
  const { seen, findings } = judgeAnswer(declaration, await answer, id, stack)
  const look: Look = {
    stack,
    host: config.host,
    container: `ct${config.containerId} ${config.containerName}`,
    lookedAt,
    tookMs: Math.round(performance.now() - started),
    findings,
  }
  return { declaration, look, seen }
}

/** 24 hex digits that nobody can guess. From the kernel: loading node:crypto would hold ssh up for longer than all else. */
function randomId(): string {
  const bytes = Buffer.alloc(12)
  const kernel = openSync('/dev/urandom', 'r')
  readSync(kernel, bytes)
  closeSync(kernel)
  return bytes.toString('hex')
}
