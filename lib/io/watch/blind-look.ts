import type { Config } from '../../config.ts'
import { unreachable } from '../../diagnosis.ts'
import type { Lines } from '../../problem.ts'
import type { Entry } from '../../watch/entry.ts'
import { banks } from '../../watch/look-entry.ts'
import { blindStatus } from '../../watch/status.ts'
import { lookAtMac } from '../mac.ts'
import { projectDir } from '../project.ts'
import type { Looked } from './status.ts'

/** What is left to show when Z2 could not be looked at: why, what waits on this Mac, and what earlier looks saw. */
export function blindLook(
  config: Config,
  stack: string,
  problem: Lines,
  history: Entry[],
  startedMs: number,
): Looked {
  const mac = lookAtMac(config, projectDir)
  const lookedAt = new Date(startedMs).toISOString()
  const head = {
    stack,
    host: config.host,
    container: `ct${config.containerId} ${config.containerName}`,
    lookedAt,
    tookMs: Date.now() - startedMs,
  }
  const diagnoses = banks.map((bank) => unreachable(bank, problem, mac[bank], startedMs))
  return {
    status: blindStatus(head, problem, diagnoses, history, config.watch.everyMinutes),
    entry: { v: 1, at: lookedAt, kind: 'unseen', by: 'status', why: problem.why },
  }
}
