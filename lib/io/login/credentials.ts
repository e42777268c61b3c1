import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Config } from '../../config.ts'
import { type Bank, fileNames } from '../../invariant.ts'
import {
  type Credentials,
  credentialsProblem,
  openCredentialsProblem,
  parseCredentials,
} from '../../login/credentials-text.ts'
import { diskReason } from './durable-file-problem.ts'

export type { Credentials } from '../../login/credentials-text.ts'

/**
 * The client id and secret of a bank, from the file with the runbooks' name.
 * @param folder the bank's folder on this Mac
 * @throws Problem (4) when the file is absent, open to others or not as it must be
 */
export function readCredentials(bank: Bank, folder: string, config: Pick<Config, 'keyNames'>): Credentials {
  const path = join(folder, fileNames[bank].credentials)
  let handle: number
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw credentialsProblem(bank, config, path, `${path} ${isAbsent ? 'is absent' : diskReason(error)}`)
  }
  try {
    const is = fstatSync(handle)
    if (!is.isFile()) throw credentialsProblem(bank, config, path, `${path} is not a regular file`)
    if ((is.mode & 0o077) !== 0) throw openCredentialsProblem(bank, path, is.mode)
    return parseCredentials(bank, config, path, readFileSync(handle, 'utf8'))
  } finally {
    closeSync(handle)
  }
}
