import { z } from 'zod'
import { tokenPath } from '../healthy/token-file.ts'
import type { Bank, BankAnswer, World } from '../world.ts'
import type { Order } from './control.ts'

/** Gives orders to the banks of a lab, one after the other, at once or when the world settles. */
export type Give = (orders: Order[]) => void

const tokenFile = z.object({
  access_token: z.string(),
  refresh_token: z.string().min(1),
  expires_at: z.number(),
})

/** The simulated banks of a lab of either kind, as faults need them. */
export function banksOf(give: Give, read: World['read']): Pick<World, 'bank' | 'adopt'> {
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
    bank: (bank, answer) => give(answers[answer](bank)),
    adopt: (bank) => give(adopted(bank)),
  }
}

function parsed(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? 'null')
  } catch {
    return null // a broken file is nobody's login
  }
}
