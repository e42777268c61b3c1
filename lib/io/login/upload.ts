import type { Config } from '../../config.ts'
import { openProblem } from '../../login/ssh-problem.ts'
import { parseSshSetting, type SshSetting } from '../../login/ssh-setting.ts'
import { lastSaid } from '../../ssh-said.ts'
import { sshUpload } from './ssh-upload.ts'
import { runChild } from './upload-child.ts'

/** A way into the staging folder on Z2. Names are plain file names; what is put there is 0600. */
export type Upload = {
  /** over SFTP, or through the standard input of ssh */
  how: 'sftp' | 'ssh'
  /** why not over SFTP, in one clause; null for SFTP */
  why: string | null
  /** @throws Problem: 3 when the connection was lost, else 1; `left` says what lies in the folder */
  put(name: string, content: Buffer): Promise<void>
  /** Removes a file that was put there; nothing there is as good. @throws Problem */
  remove(name: string): Promise<void>
  /** Leaves no socket and no process but the shared master of ssh; never fails, a few seconds at most. */
  end(): Promise<void>
}

/** ssh reads its configuration, and may look up names and run `Match exec` for it */
const settingMs = 10_000

/**
 * Opens the way into the staging folder, as the person's own ssh would go to Z2: over SFTP, or, where ssh can log in and
 * ssh2 cannot, through ssh itself. A host key that is not the known one ends it either way.
 * @param project the folder that relative paths of ssh's configuration count from
 * @throws Problem (3); nothing was sent then
 */
export async function openUpload(config: Config, project: string): Promise<Upload> {
  // ssh2 is large, and a command that sends nothing starts without it
  const [setting, { openSftp }] = await Promise.all([askSetting(config, project), import('./open-sftp.ts')])
  const opened = await openSftp(config, project, setting)
  return 'lacks' in opened ? sshUpload(config, project, opened.lacks) : opened
}

async function askSetting(config: Config, project: string): Promise<SshSetting> {
  const file = config.sshConfig === undefined ? [] : ['-F', config.sshConfig]
  const end = await runChild('ssh', ['-G', ...file, '--', config.host], { cwd: project, limitMs: settingMs })
  if (end.startError !== undefined)
    throw openProblem(config, { kind: 'no-ssh', why: `ssh could not be started (${end.startError})` })
  const setting = end.status === 0 ? parseSshSetting(end.out) : null
  if (setting !== null) return setting
  const said = end.timedOut ? `it does not say how within ${settingMs / 1000} s` : lastSaid(end.stderr)
  throw openProblem(config, { kind: 'unreachable', why: `ssh -G: ${said || 'no answer that can be read'}` })
}
