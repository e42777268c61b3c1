import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Bank } from '../../invariant.ts'
import { type Journal, type JournalStep, journalText, parseJournal } from '../../login/journal.ts'
import { Problem } from '../../problem.ts'
import { pathInCommand } from '../../quote.ts'
import { isNowhere } from '../mac.ts'
import { ensurePrivateFolder, removeDurably, sweep, writeDurably } from './durable-file.ts'

/** Where a bank's journal and the files of a login that is under way lie. */
export const journalFolder = (folder: string): string => join(folder, '.reauth')

export type JournalFile = {
  read(): Journal | null
  begin(journal: Omit<Journal, 'version' | 'bank' | 'step' | 'startedAt' | 'changedAt'>): Journal
  /** on the disk before it returns */
  advance(
    step: JournalStep,
    changes?: Partial<Pick<Journal, 'refresh' | 'account' | 'consentEnd' | 'before'>>,
  ): Journal
  end(): void
  /** takes away half of a journal that a killed login left; the journal itself stays */
  tidy(): void
}

/**
 * The journal of one bank on this Mac: what has been reached, written before each step.
 * @param folder the bank's folder
 */
export function journalFile(bank: Bank, folder: string): JournalFile {
  const path = join(journalFolder(folder), `${bank}.json`)
  const write = (journal: Journal): Journal => {
    ensurePrivateFolder(journalFolder(folder))
    writeDurably(path, journalText(journal))
    return journal
  }
  const read = (): Journal | null => {
    let text: string
    try {
      text = readFileSync(path, 'utf8')
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException
      if (isNowhere(path, code)) return null
      throw unreadable(path, code ?? String(error))
    }
    try {
      return parseJournal(text)
    } catch (error) {
      throw unreadable(path, (error as Error).message)
    }
  }
  return {
    read,
    begin(rest) {
      const now = new Date().toISOString()
      return write({ version: 1, bank, step: 'exchanging', startedAt: now, changedAt: now, ...rest })
    },
    advance(step, changes = {}) {
      const old = read()
      if (old === null) throw new Error(`the journal of ${bank} is gone`)
      return write({ ...old, ...changes, step, changedAt: new Date().toISOString() })
    },
    end: () => removeDurably(path),
    tidy: () => sweep(path),
  }
}

const unreadable = (path: string, why: string): Problem =>
  new Problem({
    what: 'the journal of the last login cannot be read',
    why: `${path}: ${why}`,
    next: `ls -la ${pathInCommand(dirname(path))}`,
    left: 'nothing was changed; tokens that were not pushed may lie beside it, so delete nothing there',
  })
