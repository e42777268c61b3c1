import { closeSync, constants, fsyncSync, ftruncateSync, openSync, readFileSync, writeSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Config } from '../../config.ts'
import { compacted, isOverdue } from '../../watch/compaction.ts'
import { type Entry, entryLine, type History, parseHistory } from '../../watch/entry.ts'
import { writeDurably } from '../login/durable-file.ts'
import { syncFolder } from '../login/durable-handle.ts'
import { expandHome } from '../mac.ts'
import { projectDir } from '../project.ts'
import { takeFileLock } from './file-lock.ts'
import { checkPrivate, ensureFolder } from './history-folder.ts'
import { historyProblem } from './history-problem.ts'

// Append-only, one JSON object a line, one write and one flush an entry. Writers take turns, so that a rewrite loses
// nothing that another writer adds meanwhile; readers need no turn, since what they may see half of is a last line.

/** A writer is done within milliseconds; who holds the lock this long hangs. */
const turnMs = 5000

const lineEnd = 10

/** The folder of the histories, as a path. */
export const historyFolder = ({ watch }: Config): string => expandHome(watch.historyDir, projectDir)

/** The history of one stack. */
export const historyPath = (config: Config, stack: string): string =>
  join(historyFolder(config), `${stack}.jsonl`)

/**
 * Everything that is known of the past of a stack, oldest first; nothing where there is no history yet.
 * @throws Problem (1) when the file cannot be read, or is not a file of our own
 */
export function readHistory(config: Config, stack: string): History {
  const path = historyPath(config, stack)
  try {
    return parseHistory(bytesOf(path).toString('utf8'))
  } catch (error) {
    throw historyProblem('read', path, error)
  }
}

/**
 * Adds one entry, which is on the disk when this returns. A line that a crash tore is ended first; a history that has
 * grown too old or too large is replaced by a shorter one.
 * @throws Problem (1) when it cannot be written; what was there before is there still
 */
export function appendHistory(config: Config, stack: string, entry: Entry): void {
  const path = historyPath(config, stack)
  try {
    ensureFolder(dirname(path))
    const release = takeFileLock(join(dirname(path), `.${stack}.lock`), turnMs)
    if (!release) throw new Error('another program is writing to it and does not end')
    try {
      add(path, entryLine(entry), Date.parse(entry.at))
    } finally {
      release()
    }
  } catch (error) {
    throw historyProblem('write', path, error)
  }
}

function add(path: string, line: string, nowMs: number): void {
  const before = bytesOf(path)
  const whole = before.subarray(0, before.lastIndexOf(lineEnd) + 1)
  const torn = before.toString('utf8', whole.length)
  // What a crash tore is no entry, unless just the line end is missing.
  const isWhole = parseHistory(torn).entries.length > 0
  const text = isWhole ? `\n${line}` : line
  if (isOverdue(before.toString('utf8'), nowMs)) {
    writeDurably(path, compacted(`${whole}${isWhole ? torn : ''}${text}`, nowMs))
    return
  }
  const { O_WRONLY, O_APPEND, O_CREAT, O_NOFOLLOW } = constants
  const handle = openSync(path, O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW, 0o600)
  try {
    if (!isWhole && torn !== '') ftruncateSync(handle, whole.length)
    const bytes = Buffer.from(text)
    if (writeSync(handle, bytes) !== bytes.length)
      throw Object.assign(new Error('short write'), { code: 'ENOSPC' })
    fsyncSync(handle)
  } finally {
    closeSync(handle)
  }
  if (before.length === 0) syncFolder(dirname(path))
}

const bytesOf = (path: string): Buffer => (checkPrivate(path) ? readFileSync(path) : Buffer.alloc(0))
