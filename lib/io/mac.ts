import { closeSync, constants, fstatSync, lstatSync, openSync, readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Config } from '../config.ts'
import { type Bank, fileNames, macDir } from '../invariant.ts'
import { type Journal, parseJournal } from '../login/journal.ts'
import { type Noted, noted } from '../note.ts'
import type { Mac, MacFile } from '../seen.ts'

/** A folder of the configuration as a path: `~` is the person's home, anything else is relative to the project. */
export const expandHome = (folder: string, project: string): string =>
  folder === '~' || folder.startsWith('~/') ? join(homedir(), folder.slice(1)) : resolve(project, folder)

/** Looks at the Mac's own files, in Node rather than in shell: its userland is BSD. Keeps no value of a token. */
export function lookAtMac(config: Config, project: string): Mac {
  const look = (bank: Bank): Mac[Bank] => {
    const folder = expandHome(macDir(config, bank), project)
    return {
      folder,
      token: lookAtFile(join(folder, fileNames[bank].token)),
      credentials: lookAtFile(join(folder, fileNames[bank].credentials)),
      journal: lookAtJournal(join(folder, '.reauth', `${bank}.json`), bank),
    }
  }
  return { monzo: look('monzo'), truelayer: look('truelayer') }
}

function lookAtJournal(path: string, bank: Bank): Noted<Journal> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return isNowhere(path, code) ? { state: 'absent' } : { state: 'broken', why: code }
  }
  return noted({ state: 'here' }, () => {
    const journal = parseJournal(text)
    if (journal.bank !== bank) throw new Error(`bank is ${journal.bank}`)
    return journal
  })
}

/** True when nothing has this name: a link that leads nowhere was somebody's note. */
export const isNowhere = (path: string, code: string | undefined): boolean =>
  code === 'ENOTDIR' || (code === 'ENOENT' && lstatSync(path, { throwIfNoEntry: false }) === undefined)

function lookAtFile(path: string): MacFile {
  let handle: number
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? String(error)
    return code === 'ENOENT' || code === 'ENOTDIR' ? { state: 'absent' } : { state: 'unreadable', why: code }
  }
  try {
    const is = fstatSync(handle)
    if (!is.isFile()) return { state: 'other' }
    return { state: 'file', mode: is.mode & 0o7777, json: isObject(readFileSync(handle, 'utf8')) }
  } finally {
    closeSync(handle)
  }
}

function isObject(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false // the parser's message would quote the file
  }
}
