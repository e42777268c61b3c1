import { mkdirSync, readFileSync } from 'node:fs'
import { userInfo } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { fileProblem, openProblem } from '../../login/ssh-problem.ts'
import { parseStageReply, type StageAct, type StageReply, stageCommand } from '../../login/ssh-stage.ts'
import { stagedPath, stagingOwners, stagingPath } from '../../login/ssh-staging.ts'
import { sshArguments } from '../../ssh-options.ts'
import { lastSaid } from '../../ssh-said.ts'
import type { Upload } from './upload.ts'
import { type ChildEnd, runChild } from './upload-child.ts'

/** one act: connecting takes five seconds at most, a few kilobytes the rest */
const operationMs = 20_000

/** No key is ever learned on the way, whatever the person's ssh is told of new hosts. */
const strict = ['-o', 'StrictHostKeyChecking=yes']

/**
 * Uploads through ssh's standard input, over the connection that looks and repairs share: for where ssh can log in and
 * ssh2 cannot.
 * @param why in one clause, why ssh2 cannot
 * @throws Problem (3) when ssh cannot either, or the staging folder is not as it must be
 */
export async function sshUpload(config: Config, project: string, why: string): Promise<Upload> {
  const { homedir, uid } = userInfo()
  // ssh fails when the folder of its control socket is missing
  mkdirSync(join(homedir, '.ssh'), { recursive: true, mode: 0o700 })
  const program = readFileSync(join(import.meta.dirname, '../../login/ssh-stage.pl'), 'utf8')
  const folder = stagingPath(config)

  const ask = async (act: StageAct, input?: Buffer): Promise<StageReply | { lost: string }> => {
    const command = stageCommand(act, folder, stagingOwners(config, uid), program)
    const end = await runChild('ssh', [...strict, ...sshArguments(config), command], {
      cwd: project,
      limitMs: operationMs,
      ...(input === undefined ? {} : { input }),
    })
    return parseStageReply(end.out) ?? { lost: whyLost(end) }
  }

  const act = async (kind: 'upload' | 'remove', of: StageAct, input?: Buffer): Promise<void> => {
    const path = stagedPath(config, of.name)
    const reply = await ask(of, input)
    if ('lost' in reply) throw fileProblem(config, kind, { kind: 'cut', path, why: reply.lost })
    if (reply.ok) return
    if (reply.no === 'folder')
      throw openProblem(config, { kind: 'folder', path: folder, why: reply.why }, of.name)
    if (reply.no === 'file') throw fileProblem(config, kind, { kind: 'refused', path, why: reply.why })
    throw fileProblem(config, kind, { kind: 'write', path, why: reply.why, left: 'nothing' })
  }

  const first = await ask({ act: 'look', name: '' })
  if ('lost' in first) throw openProblem(config, { kind: 'unreachable', why: first.lost })
  if (!first.ok) throw openProblem(config, { kind: 'folder', path: folder, why: first.why })
  return {
    how: 'ssh',
    why,
    put: (name, content) => act('upload', { act: 'put', name, bytes: content.length }, content),
    remove: (name) => act('remove', { act: 'remove', name }),
    // each act was a session of its own and has ended
    end: async () => undefined,
  }
}

function whyLost({ startError, timedOut, stderr, status }: ChildEnd): string {
  if (startError !== undefined) return `ssh could not be started (${startError})`
  if (timedOut) return `no answer within ${operationMs / 1000} s`
  return lastSaid(stderr) || `the connection was cut (ssh ended with ${status ?? 'a signal'})`
}
