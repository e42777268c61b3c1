import { existsSync } from 'node:fs'
import { giveOrder, type Order } from './control.ts'
import type { Give } from './fault.ts'
import { type RecordFiles, readBankRecord } from './record.ts'

/** Orders to banks of another process: noted while faults are planted, given when those have been. */
export function ordersTo(files: Pick<RecordFiles, 'bank'>): { give: Give; settle(): Promise<void> } {
  const waiting: Order[] = []
  return {
    give: (orders) => void waiting.push(...orders),
    /** Gives them, one after the other. Where no banks are up, nothing is done. */
    settle: async () => {
      const orders = waiting.splice(0)
      if (orders.length === 0 || !existsSync(files.bank)) return
      const { control } = readBankRecord(files)
      for (const order of orders) await giveOrder(control, order)
    },
  }
}
