import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { z } from 'zod'
import type { Banks } from './banks.ts'

/** What is written about the banks that are up, for their owner alone. */
export const bankRecord = z.object({
  monzo: z.url(),
  truelayer: z.url(),
  control: z.object({ url: z.url(), token: z.string() }),
})
export type BankRecord = z.infer<typeof bankRecord>

/** Where a lab of either kind writes about its banks. */
export type RecordFiles = { bank: string; endpoints: string }

/** Writes the record, and beside it what the stack's `bankEndpoints` names. Whoever finds the record finds both. */
export function writeBankRecord(
  { bank, endpoints }: RecordFiles,
  { monzo, truelayer, control }: Banks,
): void {
  const record: BankRecord = { monzo: monzo.url(), truelayer: truelayer.url(), control }
  replace(endpoints, endpointsText(record), 0o644)
  replace(bank, json(record), 0o600)
}

/** Throws where no banks are up. */
export const readBankRecord = ({ bank }: Pick<RecordFiles, 'bank'>): BankRecord =>
  bankRecord.parse(JSON.parse(readFileSync(bank, 'utf8')))

/** The addresses as lib/io/login/endpoint.ts reads them. */
function endpointsText({ monzo, truelayer }: BankRecord): string {
  return json({
    monzo: { authorizationEndpoint: `${monzo}/`, tokenEndpoint: `${monzo}/oauth2/token`, apiUrl: monzo },
    truelayer: {
      authorizationEndpoint: `${truelayer}/`,
      tokenEndpoint: `${truelayer}/connect/token`,
      apiUrl: `${truelayer}/data/v1`,
    },
  })
}

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`

function replace(file: string, text: string, mode: number): void {
  writeFileSync(`${file}.new`, text, { mode })
  renameSync(`${file}.new`, file)
}
