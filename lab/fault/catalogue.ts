import type { Fault } from '../world.ts'
import { bindMountFaults } from './bind-mount.ts'
import { containerFaults } from './container.ts'
import { dataFolderFaults } from './data-folder.ts'
import { lookFaults, repairFaults } from './host.ts'
import { legacyFaults } from './legacy.ts'
import { macFaults } from './mac.ts'
import { pollFaults } from './poll.ts'
import { timerFaults } from './timer.ts'
import { tokenFileFaults } from './token-file.ts'

/** Every fault that `lab break` knows, the world's first, then what keeps one from looking or repairing. */
export const faults: Fault[] = [
  ...containerFaults,
  ...bindMountFaults,
  ...dataFolderFaults,
  ...tokenFileFaults,
  ...timerFaults,
  ...pollFaults,
  ...legacyFaults,
  ...macFaults,
  ...lookFaults,
  ...repairFaults,
]

/** The faults of a list of names, or the names that there are no faults for. */
export function findFaults(names: string[]): { found: Fault[]; unknown: string[] } {
  const byName = new Map(faults.map((fault) => [fault.name, fault]))
  return {
    found: names.flatMap((name) => byName.get(name) ?? []),
    unknown: names.filter((name) => !byName.has(name)),
  }
}

/** Names that resemble a word, nearest first, at most three. */
export function nearNames(word: string): string[] {
  const parts = word.split('-')
  const score = (name: string): number => {
    const shared = parts.filter((part) => part !== '' && name.includes(part)).length
    return shared * 10 - distance(word, name) / 10
  }
  return faults
    .map(({ name }) => ({ name, score: score(name), distance: distance(word, name) }))
    .filter((each) => each.score > 5 || each.distance <= 4)
    .sort((a, b) => b.score - a.score)
    .slice(0, 3)
    .map(({ name }) => name)
}

/** Levenshtein: how many letters to add, drop or change. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1]
    for (const [j, other] of [...b].entries()) {
      next.push(
        Math.min((next[j] ?? 0) + 1, (row[j + 1] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)),
      )
    }
    row = next
  }
  return row[b.length] ?? 0
}
