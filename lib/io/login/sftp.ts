import { userInfo } from 'node:os'
import type { Config } from '../../config.ts'
import { fileProblem, openProblem } from '../../login/ssh-problem.ts'
import { fileFault, folderFault, stagedPath, stagingOwners, stagingPath } from '../../login/ssh-staging.ts'
import { Problem } from '../../problem.ts'
import type { Connection } from './sftp-connection.ts'
import { type Requests, requestsOf, status, statusOf } from './sftp-request.ts'
import type { Upload } from './upload.ts'

const clauses: Readonly<Record<number, string>> = {
  [status.noSuchFile]: 'the folder is gone',
  [status.permissionDenied]: 'permission denied',
  [status.failure]: 'the host says that it failed, and no more',
  [status.unsupported]: 'its SFTP cannot do that',
}

/** The staging folder of one session. `name`: the file that it is about, empty where it is about the folder alone. */
type Folder = { config: Config; connection: Connection; requests: Requests; folder: string; name: string }

/** One file in it. */
type Staged = Folder & { path: string }

/**
 * Uploads over an open SFTP session.
 * @throws Problem (3) when the staging folder is not as it must be; the session is still open then
 */
export async function sftpUpload(config: Config, connection: Connection): Promise<Upload> {
  const requests = requestsOf(connection)
  const here = { config, connection, requests, folder: stagingPath(config), name: '' }
  const staged = (name: string): Staged => ({ ...here, name, path: stagedPath(config, name) })
  await checkFolder(here)
  return {
    how: 'sftp',
    why: null,
    put: async (name, content) => put(staged(name), content),
    remove: async (name) => clear('remove', staged(name)),
    end: connection.end,
  }
}

async function checkFolder({ config, connection, requests, folder, name }: Folder): Promise<void> {
  const found = await requests.look(folder).catch((error: unknown) => {
    throw openProblem(config, { kind: 'unreachable', why: whyOf(connection, error) }, name)
  })
  const fault = folderFault(found, stagingOwners(config, userInfo().uid))
  if (fault !== null) throw openProblem(config, { kind: 'folder', path: folder, why: fault }, name)
}

async function put(of: Staged, content: Buffer): Promise<void> {
  const { requests, path } = of
  await checkFolder(of)
  await clear('upload', of)
  const handle = await requests.create(path).catch(async (error: unknown) => {
    throw await writeProblem(of, error, 'nothing')
  })
  try {
    const { size } = await requests.fill(handle, content)
    if (size !== content.length) throw new Error(`${size} of ${content.length} bytes arrived`)
  } catch (error) {
    throw await writeProblem(of, error, 'a part')
  }
}

/** Removes what an earlier attempt left; anything else in its place is refused. */
async function clear(
  act: 'upload' | 'remove',
  { config, connection, requests, path }: Staged,
): Promise<void> {
  const refuse = (why: string): Problem => fileProblem(config, act, { kind: 'refused', path, why })
  try {
    const found = await requests.look(path)
    const fault = fileFault(found)
    if (fault !== null) throw refuse(fault)
    if (found !== null) await requests.remove(path)
  } catch (error) {
    if (error instanceof Problem) throw error
    const why = whyOf(connection, error)
    throw statusOf(error) === null
      ? fileProblem(config, act, { kind: 'cut', path, why })
      : refuse(`cannot be removed: ${why}`)
  }
}

/** What became of a file that failed: the part of it that is there is taken away again, where that can still be done. */
async function writeProblem(
  { config, connection, requests, path, folder }: Staged,
  error: unknown,
  there: 'nothing' | 'a part',
): Promise<Problem> {
  // asked first: what is taken away leaves room again
  const fault = await requests.diskFault(folder).catch(() => null)
  const isAway =
    there === 'nothing' ||
    (await requests.remove(path).then(
      () => true,
      (after) => statusOf(after) === status.noSuchFile,
    ))
  if (connection.lost() !== null)
    return fileProblem(config, 'upload', { kind: 'cut', path, why: whyOf(connection, error) })
  const why = fault ?? whyOf(connection, error)
  return fileProblem(config, 'upload', {
    kind: 'write',
    path,
    why,
    left: isAway ? 'nothing' : 'perhaps a part',
  })
}

function whyOf(connection: Connection, error: unknown): string {
  const code = statusOf(error)
  if (code !== null) return clauses[code] ?? `SFTP status ${code}`
  return connection.lost() ?? (error instanceof Error ? error.message : 'the connection was cut')
}
