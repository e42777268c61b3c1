import type { Config } from '../../config.ts'
import { type Diagnosis, diagnose } from '../../diagnosis.ts'
import type { Bank } from '../../invariant.ts'
import { observe } from '../observe.ts'

/** The doctor's verdict on one bank, from one look. @throws Problem (3) when Z2 could not be looked at */
export async function verdictOn(bank: Bank, config: Config, stack: string): Promise<Diagnosis> {
  return diagnose(bank, await observe(config, stack))
}
