import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Banks, type BanksOptions, startBanks } from '../../lab/bank/banks.ts'
import type { TokenFile } from '../../lab/bank/login-terms.ts'
import { mappedRoot } from '../../lab/healthy/poll-log.ts'
import { buildLab } from '../../lab/sim/build.ts'
import { recordOwner } from '../../lab/sim/owner.ts'
import { placeAt } from '../../lab/sim/place.ts'
import type { Bank } from '../../lab/world.ts'
import { temporaryFolder } from '../lab/temporary-folder.ts'

/** The poller of a real CT109, and the one of the simulation: both must do the same. */
export const pollers = ['reference', 'simulated'] as const
export type Poller = (typeof pollers)[number]

const reference = join(import.meta.dirname, '../../lab/poller')

/** Where a poller's files are, what it calls their folder, how it is started, and how a file becomes its own. */
type Start = { data: string; shown: string; words(bank: Bank): string[]; own(file: string): void }
function startOf(poller: Poller, folder: string): Start {
  if (poller === 'reference') {
    const words = (bank: Bank): string[] => [join(reference, `poll-${bank}.sh`)]
    return { data: folder, shown: folder, words, own: () => undefined }
  }
  const lab = placeAt(folder)
  buildLab(lab)
  const data = join(lab.roots.z2, 'mnt/data/hinata/data/bulma')
  for (const bank of ['monzo', 'truelayer']) rmSync(join(data, `poll-${bank}.log`))
  const program = join(lab.roots.ct109, 'opt/bulma/poll')
  const own = (file: string): void => recordOwner(lab, statSync(file), mappedRoot)
  return { data, shown: '/root/data/bulma', words: (bank) => [program, bank], own }
}

export type Polled = { code: number | null; signal: NodeJS.Signals | null; lines: string[] }

/** A folder like CT109's, with both banks beside it and a live chain of each in it. */
export type PollPlace = Awaited<ReturnType<typeof pollPlace>>

export async function pollPlace(name: string, poller: Poller, options: BanksOptions = {}) {
  const folder = temporaryFolder(name)
  const { data, shown, words, own } = startOf(poller, folder)
  const banks: Banks = await startBanks(options)
  const environment = {
    PATH: process.env.PATH ?? '',
    ...(poller === 'reference' && { BULMA_DATA: data }),
    BULMA_LOCKS: data,
    BULMA_PATIENCE: '5',
    BULMA_MONZO_API: banks.monzo.url(),
    BULMA_TRUELAYER_AUTH: banks.truelayer.url(),
    BULMA_TRUELAYER_API: banks.truelayer.url(),
    BULMA_TRUELAYER_CREDENTIALS: join(data, 'truelayer_credentials.json'),
  }
  const path = (bank: Bank): string => join(data, `tokens_${bank}.json`)
  const log = (bank: Bank): string => {
    const file = join(data, `poll-${bank}.log`)
    return existsSync(file) ? readFileSync(file, 'utf8') : ''
  }
  const write = (bank: Bank, tokens: object): void =>
    writeFileSync(path(bank), `${JSON.stringify(tokens, null, 2)}\n`)
  for (const bank of ['monzo', 'truelayer'] as const) {
    const { id, secret } = banks[bank].client
    writeFileSync(
      join(data, `${bank}_credentials.json`),
      JSON.stringify({ client_id: id, client_secret: secret }),
    )
    write(bank, banks[bank].login({ approved: true, daysOld: 1 }))
  }
  /** In a process group of its own, as systemd has it in a control group. */
  const begin = (bank: Bank, extra: NodeJS.ProcessEnv = {}): ChildProcess => {
    const [program = '', ...rest] = words(bank)
    return spawn(program, rest, { detached: true, stdio: 'ignore', env: { ...environment, ...extra } })
  }
  const end = (child: ChildProcess): Promise<{ code: number | null; signal: NodeJS.Signals | null }> =>
    new Promise((resolve) => child.on('exit', (code, signal) => resolve({ code, signal })))
  return {
    data,
    shown,
    words,
    own,
    environment,
    banks,
    path,
    log,
    write,
    begin,
    end,
    read: (bank: Bank): TokenFile & Record<string, unknown> => JSON.parse(readFileSync(path(bank), 'utf8')),
    /** The access token's time is over, as far as the file says. */
    age: (bank: Bank): void =>
      write(bank, { ...JSON.parse(readFileSync(path(bank), 'utf8')), expires_at: 1 }),
    /** One poll; `lines` is what it wrote, without the times. */
    poll: async (bank: Bank, extra: NodeJS.ProcessEnv = {}): Promise<Polled> => {
      const before = log(bank).length
      const ended = await end(begin(bank, extra))
      const lines = log(bank).slice(before).trimEnd().split('\n')
      return { ...ended, lines: lines.map((line) => line.replace(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d /, '')) }
    },
    close: async (): Promise<void> => {
      await banks.close()
      rmSync(folder, { recursive: true })
    },
  }
}
