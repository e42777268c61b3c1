import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { parseLoginTime } from '../../age.ts'
import { fileNames } from '../../invariant.ts'
import { Problem } from '../../problem.ts'
import { pathInCommand } from '../../quote.ts'
import { removeDurably } from './durable-file.ts'
import { journalFolder } from './journal-file.ts'
import type { Ready } from './login.ts'

/** The first 16 hex digits of a token's SHA-256: enough to tell two apart, and no use to anybody. */
export const fingerprintOf = (token: string): string =>
  createHash('sha256').update(token).digest('hex').slice(0, 16)

/** The token file with the runbook's name on this Mac; secrets stay in the closure. */
export type TransitCopy = {
  path: string
  /** null where the file holds no refresh token: broken, or something else */
  refresh: string | null
  /** when its access token ends, ms since 1970; null where the file does not say so in a form that is known */
  expiresAt: number | null
  accessToken(): string
}

type Where = Pick<Ready, 'folder' | 'bank' | 'config'>

/** The token file on this Mac, null when there is none. @throws Problem when it is there and cannot be read */
export function readTransitCopy({ folder, bank, config }: Where): TransitCopy | null {
  const path = join(folder, fileNames[bank].token)
  const text = readRegular(path)
  if (text === null) return null
  const values = objectIn(text)
  const of = (key: string): string | null => {
    const value = values?.[key]
    return typeof value === 'string' && value !== '' ? value : null
  }
  const refresh = of(config.keyNames.refreshToken)
  return {
    path,
    refresh: refresh === null ? null : fingerprintOf(refresh),
    expiresAt: parseLoginTime(String(values?.expires_at ?? '')),
    accessToken: () => of(config.keyNames.accessToken) ?? '',
  }
}

/** The access token of the login on this Mac; empty where there is none, which the bank answers with a 401. */
export const accessTokenOnMac = (where: Where): string => readTransitCopy(where)?.accessToken() ?? ''

/** Where a token file that another login is about to replace waits until that one is proven. */
export const asidePath = ({ folder, bank }: Where): string =>
  join(journalFolder(folder), `${bank}.earlier.json`)

/** Puts the token file of an earlier time aside, whole: it may be the only live chain until the new one is proven. */
export function setAside(where: Where): void {
  const copy = readTransitCopy(where)
  if (copy !== null) renameSync(copy.path, asidePath(where))
}

/** Deletes the token file if it is of this very login. @returns false when another one lies there, which is left alone */
export function removeTransitCopy(where: Where, refresh: string | null): boolean {
  const copy = readTransitCopy(where)
  if (copy === null) return true
  if (refresh === null || copy.refresh !== refresh) return false
  removeDurably(copy.path)
  return true
}

function readRegular(path: string): string | null {
  let handle: number
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW)
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return null
    throw unreadable(path, code === 'ELOOP' ? 'it is a link' : (code ?? String(error)))
  }
  try {
    if (!fstatSync(handle).isFile()) throw unreadable(path, 'it is no regular file')
    return readFileSync(handle, 'utf8')
  } finally {
    closeSync(handle)
  }
}

function objectIn(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null // the parser's message would quote the file
  }
}

const unreadable = (path: string, why: string): Problem =>
  new Problem({
    what: 'the token file on this Mac cannot be read',
    why: `${path}: ${why}`,
    next: `ls -l ${pathInCommand(path)}`,
    left: 'nothing was changed',
  })
