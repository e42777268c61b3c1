import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import type { Order } from '../bank/control.ts'
import { tokenPath } from '../healthy/token-file.ts'
import type { Bank, BankAnswer, World } from '../world.ts'
import type { RealPlace } from './place.ts'

/** The banks listen at the lab's own address on this machine, so that every lab can have the same ports. */
export const bankPorts: Record<Bank, number> = { monzo: 8401, truelayer: 8402 }

/** What is written about the banks that are up, for their owner alone. */
export const bankRecord = z.object({
  monzo: z.url(),
  truelayer: z.url(),
  control: z.object({ url: z.url(), token: z.string() }),
})

const tokenFile = z.object({
  access_token: z.string(),
  refresh_token: z.string().min(1),
  expires_at: z.number(),
})
const program = join(import.meta.dirname, 'order.ts')

/** The simulated banks of a real lab, as faults need them. */
export function banksOf(place: RealPlace, read: World['read']): Pick<World, 'bank' | 'adopt'> {
  const give = (...orders: Order[]): void => {
    const { status, stderr } = spawnSync(process.execPath, [program, place.bank], {
      input: JSON.stringify(orders),
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the simulated banks: ${stderr.trim()}`)
  }
  /** the login that the file on Z2 is of; none where there is no such file */
  const adopted = (bank: Bank, approved = true): Order[] => {
    const found = tokenFile.safeParse(parsed(read('z2', tokenPath(bank))))
    if (!found.success) return []
    return [{ bank, do: 'adopt', file: found.data, terms: { approved, daysOld: 1 } }]
  }
  const answers: Record<BankAnswer, (bank: Bank) => Order[]> = {
    healthy: (bank) => [{ bank, do: 'reset' }, ...adopted(bank)],
    dead: (bank) => [{ bank, do: 'reset' }, ...adopted(bank), { bank, do: 'killRefresh' }],
    unreachable: (bank) => [
      { bank, do: 'reset' },
      ...adopted(bank),
      { bank, do: 'knob', knobs: { trouble: [{ how: 'dropConnectionBeforeProcessing' }] } },
    ],
    pending: (bank) =>
      bank === 'monzo'
        ? [{ bank, do: 'reset' }, { bank, do: 'knob', knobs: { approve: 'never' } }, ...adopted(bank, false)]
        : [
            { bank, do: 'reset' },
            ...adopted(bank),
            { bank, do: 'knob', knobs: { trouble: [{ how: 'sca_exceeded', on: 'data' }] } },
          ],
  }
  return {
    bank: (bank, answer) => give(...answers[answer](bank)),
    adopt: (bank) => give(...adopted(bank)),
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null // a broken file is nobody's login
  }
}

export const readBanks = (place: RealPlace) => bankRecord.parse(JSON.parse(readFileSync(place.bank, 'utf8')))
