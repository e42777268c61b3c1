import type { EntryOf } from '../../lib/watch/entry.ts'

/** A look that found everything as wanted, unless `change` says otherwise. */
export const looked = (at: string, change: Partial<EntryOf<'look'>> = {}): EntryOf<'look'> => ({
  v: 1,
  at,
  kind: 'look',
  by: 'schedule',
  off: [],
  banks: [
    { bank: 'monzo', verdict: 'healthy', what: 'last poll 04:00', lastGood: '2026-11-22T04:00:00.000Z' },
    { bank: 'truelayer', verdict: 'healthy', what: 'last poll 04:00', lastGood: null },
  ],
  ...change,
})

/** A look that saw nothing. */
export const unseen = (at: string, by: EntryOf<'unseen'>['by'] = 'schedule'): EntryOf<'unseen'> => ({
  v: 1,
  at,
  kind: 'unseen',
  by,
  why: 'connect to host 192.168.1.10 port 22: Connection refused',
})

/** Something that a person was told. */
export const told = (at: string, open: string[] = [], failed: string[] = []): EntryOf<'told'> => ({
  v: 1,
  at,
  kind: 'told',
  what: 'something',
  how: ['ntfy'],
  failed,
  open,
})
